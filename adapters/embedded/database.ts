import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { StartError } from '../../server/errors.ts';
import { lockDataDirectory } from './lock.ts';
import { placeSocket } from './socket.ts';

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
  const worker = new Worker(new URL('./worker.ts', import.meta.url), {
    workerData: {
      databaseDirectory: join(dataDirectory, 'database'),
      socketPath: socket.path,
      maxConnections: embeddedConnections.admitted,
    },
  });
  let closing = false;
  const ended = new Promise<Error>((resolve) => {
    worker.once('error', (error) => resolve(error instanceof Error ? error : new Error(String(error))));
    worker.once('exit', (code) => resolve(new Error(`the database thread ended with code ${code}`)));
  });
  const ready = new Promise<'ready'>((resolve) => worker.once('message', () => resolve('ready')));
  const first = await Promise.race([ready, ended]);
  if (first !== 'ready') {
    socket.forget();
    lock.release();
    throw new StartError(
      `The embedded database in ${dataDirectory} does not start: ${first.message}`,
      'Look for a full disk or a damaged directory; restore a backup, or start with an empty GATEHOUSE_DATA_DIR.',
      1,
      first,
    );
  }
  return {
    socketDirectory: socket.directory,
    crashed: ended.then((error) => (closing ? new Promise<never>(() => {}) : error)),
    async close() {
      closing = true;
      worker.postMessage('stop');
      await ended;
      socket.forget();
      lock.release();
    },
  };
}
