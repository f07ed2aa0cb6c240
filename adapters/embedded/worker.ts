import { parentPort, workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import { keepQueriesTogether } from './protocol-unit.ts';
import { startParams } from './start-params.ts';

export interface EmbeddedTask {
  databaseDirectory: string;
  socketPath: string;
  maxConnections: number;
}

/** Runs PostgreSQL (PGlite) in a thread of its own and speaks its wire protocol on a Unix socket. */
const { databaseDirectory, socketPath, maxConnections }: EmbeddedTask = workerData;

if (parentPort === null) throw new Error('This file runs as a worker thread only.');
const port = parentPort;

const db = await PGlite.create({ dataDir: databaseDirectory, startParams });
keepQueriesTogether(db);
const server = new PGLiteSocketServer({ db, path: socketPath, maxConnections });
await server.start();

port.once('message', () => {
  void stop();
});
port.postMessage('ready');

async function stop(): Promise<void> {
  await server.stop();
  await db.close();
  port.close();
}
