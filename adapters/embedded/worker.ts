import { parentPort, workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import { keepQueriesTogether } from './protocol-unit.ts';

/** Runs PostgreSQL (PGlite) in a thread of its own and speaks its wire protocol on a Unix socket. */
const { databaseDirectory, socketPath, maxConnections } = workerData as {
  databaseDirectory: string;
  socketPath: string;
  maxConnections: number;
};

if (parentPort === null) throw new Error('This file runs as a worker thread only.');
const port = parentPort;

const db = await PGlite.create({
  dataDir: databaseDirectory,
  // The default of 128 MB is reserved at once and never given back; a page cache below it exists anyway.
  startParams: [...PGlite.defaultStartParams, '-c', 'shared_buffers=8MB'],
});
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
  port.postMessage('stopped');
  port.close();
}
