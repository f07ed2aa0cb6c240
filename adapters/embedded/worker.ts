import { parentPort, workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import { watchBackend } from './backend.ts';
import { keepQueriesTogether } from './protocol-unit.ts';
import { startParams } from './start-params.ts';

export interface EmbeddedTask {
  databaseDirectory: string;
  socketPath: string;
  maxConnections: number;
}

/** What the thread tells the one that has started it. */
export type ThreadMessage = { kind: 'ready' } | { kind: 'broken'; why: string };

/** Runs PostgreSQL (PGlite) in a thread of its own and speaks its wire protocol on a Unix socket. */
const { databaseDirectory, socketPath, maxConnections }: EmbeddedTask = workerData;

if (parentPort === null) throw new Error('This file runs as a worker thread only.');
const port = parentPort;
const tell = (message: ThreadMessage): void => port.postMessage(message);

const db = await PGlite.create({ dataDir: databaseDirectory, startParams });
watchBackend(db, (error) => {
  tell({ kind: 'broken', why: error instanceof Error ? error.message : String(error) });
  // In a thread this ends the thread alone, before anything else can reach the broken backend.
  return process.exit(1);
});
keepQueriesTogether(db);
const server = new PGLiteSocketServer({ db, path: socketPath, maxConnections });
await server.start();

port.once('message', () => {
  void stop();
});
tell({ kind: 'ready' });

async function stop(): Promise<void> {
  await server.stop();
  await db.close();
  port.close();
}
