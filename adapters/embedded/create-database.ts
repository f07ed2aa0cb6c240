import { PGlite } from '@electric-sql/pglite';
import { startParams } from './start-params.ts';

/**
 * Makes an empty database in the directory given as argument, and ends. A process of its own, since making one runs a second
 * program in WebAssembly whose memory no thread gives back. It lives on its standard input: without the server that waits
 * for it there is nothing to make.
 */
const [, , directory] = process.argv;
if (directory === undefined) throw new Error('a directory is needed');
process.stdin.resume().once('end', () => process.exit(1));
try {
  const db = await PGlite.create({ dataDir: directory, startParams });
  await db.close();
  process.exit(0);
} catch (error) {
  process.stderr.write(error instanceof Error ? error.message : String(error));
  process.exit(1);
}
