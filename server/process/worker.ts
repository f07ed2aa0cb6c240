import { openHouse } from '../compose/open.ts';
import type { Configuration } from '../config/load.ts';
import { makeMetrics } from '../http/management.ts';
import type { Log } from '../log.ts';
import { serve } from './serve.ts';
import { stopOnSignals } from './signals.ts';

/** One of several processes on the public port. The primary has prepared the database and has the management port. */
export async function runWorker({ config, mode }: Configuration, log: Log): Promise<void> {
  const metrics = makeMetrics();
  const { storage, house } = await openHouse(config, log);
  const web = await serve({ config, mode, storage, house, log, metrics });
  stopOnSignals(async () => {
    await web.drain();
    await storage.close();
    return 0;
  });
  process.on('disconnect', () => process.exit(1));
  process.send?.({ kind: 'serving' });
}
