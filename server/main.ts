import cluster from 'node:cluster';
import { makeLog } from './compose/log.ts';
import { readConfiguration } from './config/read.ts';
import { StartError } from './errors.ts';
import { runPrimary } from './process/primary.ts';
import { runServer } from './process/server.ts';
import { runWorker } from './process/worker.ts';

/** Entry: one process that does everything, or a primary with its workers. */
try {
  const configuration = readConfiguration();
  const log = makeLog(configuration.config);
  if (cluster.isWorker) await runWorker(configuration, log);
  else if (configuration.config.process.workers > 1) await runPrimary(configuration, log);
  else await runServer(configuration, log);
} catch (error) {
  if (!(error instanceof StartError)) throw error;
  process.stderr.write(`${error.message}\n${error.remedy}\n`);
  process.exit(error.exitCode);
}
