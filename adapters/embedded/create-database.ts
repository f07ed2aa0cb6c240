import { PGlite } from '@electric-sql/pglite';
import { startParams } from './start-params.ts';

/**
 * Makes an empty database in the directory given as argument, and ends. A process of its own, since making one runs a second
 * program in WebAssembly whose memory no thread gives back.
 */
const [, , directory] = process.argv;
if (directory === undefined) throw new Error('a directory is needed');
const db = await PGlite.create({ dataDir: directory, startParams });
await db.close();
