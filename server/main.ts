import cluster from 'node:cluster';
import { makeLog } from './compose/log.ts';
import { makeLiveConfiguration } from './config/live.ts';
import { readConfiguration } from './config/read.ts';
import { AppError, StartError } from './errors.ts';
import { runPrimary } from './process/primary.ts';
import { runServer } from './process/server.ts';
import { runWorker } from './process/worker.ts';

/** Entry: one process that does everything, or a primary with its workers. */
try {
  const configuration = makeLiveConfiguration(readConfiguration());
  const log = makeLog(configuration.config);
  if (cluster.isWorker) await runWorker(configuration, log);
  else if (configuration.config.process.workers > 1) await runPrimary(configuration, log);
  else await runServer(configuration, log);
} catch (thrown) {
  const error = thrown instanceof AppError && thrown.status === 503 ? notNow(thrown) : thrown;
  if (!(error instanceof StartError)) throw error;
  process.stderr.write(`${error.message}\n${error.remedy}\n`);
  process.exit(error.exitCode);
}

/** What the start needs was there when it began, and then was not. */
function notNow({ message, detail }: AppError): StartError {
  return new StartError(
    `The start was given up: ${detail ?? message}`,
    'Start the server again when that is over; what it had done so far does no harm.',
  );
}
