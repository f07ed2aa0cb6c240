import { execFile } from 'node:child_process';
import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { StartError } from '../../server/errors.ts';
import { lockDataDirectory } from './lock.ts';
import { placeSocket } from './socket.ts';
import type { EmbeddedTask } from './worker.ts';

const run = promisify(execFile);

/** Connections that the socket admits: the server's pool, and some for CLI commands beside it. */
export const embeddedConnections = { server: 8, admitted: 24 };

export interface EmbeddedDatabase {
  /** Directory of the Unix socket, to be used as `host` by PostgreSQL clients. */
  socketDirectory: string;
  /** Settles when the database thread has ended without being asked to; never otherwise. */
  crashed: Promise<Error>;
  /** Ends the thread in order, then frees the data directory. */
  close(): Promise<void>;
}

/**
 * Starts the embedded PostgreSQL on `<dataDirectory>/database`, under the lock of the data directory.
 *
 * @throws StartError when the directory is held by another process, cannot be written, or its database does not start.
 */
export async function startEmbeddedDatabase(dataDirectory: string): Promise<EmbeddedDatabase> {
  const lock = lockDataDirectory(dataDirectory);
  const socket = placeSocket(dataDirectory);
  try {
    const databaseDirectory = await makeDatabase(dataDirectory);
    const maxConnections = embeddedConnections.admitted;
    const { worker, ended } = startThread({
      databaseDirectory,
      socketPath: socket.path,
      maxConnections,
    });
    const ready = new Promise<'ready'>((resolve) => worker.once('message', () => resolve('ready')));
    const first = await Promise.race([ready, ended]);
    if (first !== 'ready') throw first.error;
    let closing = false;
    return {
      socketDirectory: socket.directory,
      crashed: ended.then(({ error }) => (closing ? new Promise<never>(() => {}) : error)),
      async close() {
        closing = true;
        worker.postMessage('stop');
        await ended;
        socket.forget();
        lock.release();
      },
    };
  } catch (cause) {
    socket.forget();
    lock.release();
    throw new StartError(
      `The embedded database in ${dataDirectory} does not start: ${cause instanceof Error ? cause.message : String(cause)}`,
      'Look for a full disk or a damaged directory; restore a backup, or start with an empty GATEHOUSE_DATA_DIR.',
      1,
      cause,
    );
  }
}

/** Makes the database if there is none. It gets its name when it is complete: a kill meanwhile leaves none, not half of one. */
async function makeDatabase(dataDirectory: string): Promise<string> {
  const finished = join(dataDirectory, 'database');
  if (existsSync(finished)) return finished;
  const unfinished = `${finished}.new`;
  rmSync(unfinished, { recursive: true, force: true });
  await run(process.execPath, [fileURLToPath(new URL('./create-database.ts', import.meta.url)), unfinished]);
  renameSync(unfinished, finished);
  return finished;
}

/** A thread, and how it ended. */
function startThread(workerData: EmbeddedTask): {
  worker: Worker;
  ended: Promise<{ error: Error }>;
} {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData });
  let failure: Error | undefined;
  worker.once('error', (error) => {
    failure = error instanceof Error ? error : new Error(String(error));
  });
  const ended = new Promise<{ error: Error }>((resolve) => {
    worker.once('exit', (code) =>
      resolve({ error: failure ?? new Error(`the database thread ended with code ${code}`) }),
    );
  });
  return { worker, ended };
}
