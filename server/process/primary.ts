import cluster, { type Worker } from 'node:cluster';
import { AggregatorRegistry } from 'prom-client';
import { openHouse } from '../compose/open.ts';
import type { Configuration } from '../config/load.ts';
import { StartError } from '../errors.ts';
import { makeManagementServer } from '../http/management.ts';
import type { Log } from '../log.ts';
import { banner } from './banner.ts';
import { prepare } from './first-start.ts';
import { drain, listen } from './listener.ts';
import { makeReadiness } from './readiness.ts';
import { stopOnSignals } from './signals.ts';

/** A worker that dies is replaced, but not faster than this, or a broken one would only burn the processor. */
const restartDelay = 1000;

/** Prepares the database, starts the workers, replaces those that die, and answers on the management port for all of them. */
export async function runPrimary({ config, mode }: Configuration, log: Log): Promise<void> {
  const { storage, house } = await openHouse(config, log);
  const { adminLink } = await prepare(config, storage, house, log);
  const readiness = makeReadiness(storage.database);
  let stopping = false;
  const serving = new Set<Worker>();
  const start = (): void => {
    const worker = cluster.fork();
    worker.on('message', () => serving.add(worker));
    worker.on('exit', (code) => {
      const served = serving.delete(worker);
      if (stopping) return;
      // One that never served tells of a fault that the next one has as well; it has printed why.
      if (!served && serving.size === 0) process.exit(code ?? 1);
      log.error('a worker has ended and is replaced', { pid: worker.process.pid, code });
      setTimeout(start, restartDelay);
    });
  };
  for (let count = 0; count < config.process.workers; count += 1) start();
  await allServing(serving, config.process.workers);

  const aggregated = new AggregatorRegistry();
  const management = makeManagementServer({
    metrics: { contentType: aggregated.contentType, metrics: () => aggregated.clusterMetrics() },
    readiness: async () => (serving.size === 0 ? 'starting' : readiness.read()),
  });
  await listen(
    management,
    config.listen.managementHost,
    config.listen.managementPort,
    'GATEHOUSE_MANAGEMENT_PORT',
  );
  stopOnSignals(async () => {
    stopping = true;
    readiness.drain();
    const ended = Object.values(cluster.workers ?? {}).map(
      (worker) => new Promise((resolve) => worker?.once('exit', resolve)),
    );
    for (const worker of Object.values(cluster.workers ?? {})) worker?.process.kill('SIGTERM');
    await Promise.all(ended);
    await drain(management, 1);
    await storage.close();
    return 0;
  });
  process.stdout.write(banner({ mode, issuer: config.site.issuer, dataDir: undefined, adminLink }));
  log.info('ready', { issuer: config.site.issuer, mode, workers: config.process.workers });
}

/** Resolves when all workers serve. @throws StartError when they do not within a minute */
async function allServing(serving: ReadonlySet<Worker>, count: number): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (serving.size < count) {
    if (Date.now() > deadline)
      throw new StartError('The workers do not start.', 'Look at the log lines above.', 1);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
