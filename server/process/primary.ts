import { createServer } from 'node:http';
import { AggregatorRegistry } from 'prom-client';
import { openHouse } from '../compose/open.ts';
import type { Configuration } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { makeManagementServer } from '../http/management.ts';
import type { Log } from '../log.ts';
import { announce } from './banner.ts';
import { prepare } from './first-start.ts';
import { drain, listen } from './listener.ts';
import { makeReadiness } from './readiness.ts';
import { stopWithin } from './serve.ts';
import { listenForManagement } from './server.ts';
import { watchSignals } from './signals.ts';
import { makeWorkers } from './workers.ts';

/** Prepares the database, starts the workers, replaces those that die, and answers on the management port for all of them. */
export async function runPrimary({ config, mode }: Configuration, log: Log): Promise<void> {
  const signals = watchSignals((error) => log.error('stopping has failed', { error }));
  const workers = makeWorkers(config.process.workers, log);
  const readiness = makeReadiness();
  const aggregated = new AggregatorRegistry();
  const management = makeManagementServer({
    metrics: { contentType: aggregated.contentType, metrics: () => aggregated.clusterMetrics() },
    readiness: async () => (workers.serving === 0 && !readiness.draining ? 'starting' : readiness.read()),
  });
  await tryPublicPort(config);
  await listenForManagement(management, config);

  const { storage, house } = await openHouse(config, log);
  await house.changes.connect();
  const { adminLink } = await prepare(config, storage, house, log);
  await workers.start();
  signals.stopWith(async () => {
    log.info('stopping');
    readiness.drain();
    await workers.stop(config.process.drainTimeout + 1);
    await drain(management, 0.5);
    await house.changes.close();
    await storage.close();
    log.info('stopped');
  }, stopWithin(config));
  announce({ mode, issuer: config.site.issuer, dataDir: undefined, adminLink });
  log.info('ready', { issuer: config.site.issuer, mode, workers: config.process.workers });
  readiness.started(storage.database);
}

/** The workers take the public port later; that it is taken by somebody else must be known before anything is written. */
async function tryPublicPort({ listen: { host, port } }: Config): Promise<void> {
  const server = createServer();
  await listen(server, host, port, 'GATEHOUSE_PORT');
  await new Promise((resolve) => server.close(resolve));
}
