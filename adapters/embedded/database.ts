import { Worker } from 'node:worker_threads';
import { StartError } from '../../server/errors.ts';
import { lockDataDirectory } from './lock.ts';
import { makeDatabase } from './make-database.ts';
import { refuseMoved } from './moved.ts';
import { type MadeSecrets, readOrMakeSecrets } from './secrets.ts';
import { placeSocket } from './socket.ts';
import type { EmbeddedTask, ThreadMessage } from './worker.ts';

/** Connections that the socket admits: the server's pool, and some for CLI commands beside it. */
export const embeddedConnections = { server: 8, admitted: 24 };

/** Milliseconds that an orderly end of the thread may take; what it acknowledged is safe without it, too. */
const closingTime = 5000;

/**
 * Megabytes, used only as far as they are needed. PostgreSQL refuses what is nested too deep ("stack depth limit
 * exceeded"); with Node's own 4 MB the thread's stack ended before that, and the database with it.
 */
const threadStack = 64;

export interface EmbeddedDatabase {
  /** Directory of the Unix socket, to be used as `host` by PostgreSQL clients. */
  socketDirectory: string;
  /** The secrets of the data directory, which are made before its database. */
  secrets: MadeSecrets;
  /** Settles when the database thread has ended without being asked to; never otherwise. */
  crashed: Promise<Error>;
  /** Ends the thread in order, then frees the data directory. */
  close(): Promise<void>;
}

/**
 * Opens a data directory: holds it for this process, reads or makes its secrets, and starts the embedded PostgreSQL on
 * `<dataDirectory>/database`.
 *
 * @throws StartError when the directory is held by another process, cannot be written, or its database does not start or was
 * moved elsewhere.
 */
export async function startEmbeddedDatabase(dataDirectory: string): Promise<EmbeddedDatabase> {
  const lock = lockDataDirectory(dataDirectory);
  try {
    refuseMoved(dataDirectory);
    return await openHeld(dataDirectory, () => lock.release());
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function openHeld(dataDirectory: string, release: () => void): Promise<EmbeddedDatabase> {
  const secrets = readOrMakeSecrets(dataDirectory);
  const socket = placeSocket(dataDirectory);
  const thread = await start(dataDirectory, socket.path).catch((cause: unknown) => {
    socket.forget();
    throw new StartError(
      `The embedded database in ${dataDirectory} does not start: ${cause instanceof Error ? cause.message : String(cause)}`,
      'Look for a full disk or a damaged directory; restore a backup, or start with an empty GATEHOUSE_DATA_DIR.',
      1,
      cause,
    );
  });
  let closing = false;
  return {
    socketDirectory: socket.directory,
    secrets,
    crashed: thread.ended.then((error) => (closing ? new Promise<never>(() => {}) : error)),
    async close() {
      closing = true;
      await thread.stop();
      socket.forget();
      release();
    },
  };
}

async function start(dataDirectory: string, socketPath: string) {
  const thread = startThread({
    databaseDirectory: await makeDatabase(dataDirectory),
    socketPath,
    maxConnections: embeddedConnections.admitted,
  });
  const first = await Promise.race([thread.ready, thread.ended]);
  if (first !== 'ready') throw first;
  return thread;
}

function startThread(workerData: EmbeddedTask) {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), {
    workerData,
    resourceLimits: { stackSizeMb: threadStack },
  });
  const ready = Promise.withResolvers<'ready'>();
  const ended = Promise.withResolvers<Error>();
  let why: Error | undefined;
  worker.on('message', (message: ThreadMessage) => {
    if (message.kind === 'ready') ready.resolve('ready');
    else why = new Error(message.why);
  });
  worker.once('error', (error) => {
    why = error instanceof Error ? error : new Error(String(error));
  });
  worker.once('exit', (code) =>
    ended.resolve(why ?? new Error(`the database thread ended with code ${code}`)),
  );
  return {
    ready: ready.promise,
    ended: ended.promise,
    async stop(): Promise<void> {
      const late = setTimeout(() => void worker.terminate(), closingTime);
      worker.postMessage('stop');
      await ended.promise;
      clearTimeout(late);
    },
  };
}
