import { openHouse } from '../compose/open.ts';
import type { Configuration } from '../config/load.ts';
import { makeManagementServer, makeMetrics } from '../http/management.ts';
import type { Log } from '../log.ts';
import { banner } from './banner.ts';
import { prepare } from './first-start.ts';
import { drain, listen } from './listener.ts';
import { serve } from './serve.ts';
import { stopOnSignals } from './signals.ts';

/** One process that does everything: database, first start, pages and APIs, management port. */
export async function runServer({ config, mode }: Configuration, log: Log): Promise<void> {
  const metrics = makeMetrics();
  const { storage, house } = await openHouse(config, log);
  try {
    const { adminLink } = await prepare(config, storage, house, log);
    const web = await serve({ config, mode, storage, house, log, metrics });
    const management = makeManagementServer({ metrics: metrics.registry, readiness: web.readiness.read });
    await listen(
      management,
      config.listen.managementHost,
      config.listen.managementPort,
      'GATEHOUSE_MANAGEMENT_PORT',
    );
    void storage.crashed.then((error) => {
      log.error('the embedded database has ended; this process cannot go on', { error });
      process.stderr.write(
        `The embedded database has ended: ${error.message}\nStart the server again; nothing that it acknowledged is lost.\n`,
      );
      process.exit(1);
    });
    stopOnSignals(async () => {
      log.info('stopping');
      await web.drain();
      await drain(management, 1);
      await storage.close();
      log.info('stopped');
      return 0;
    });
    const dataDir = config.database.url === undefined ? config.database.dataDir : undefined;
    process.stdout.write(banner({ mode, issuer: config.site.issuer, dataDir, adminLink }));
    log.info('ready', { issuer: config.site.issuer, mode });
  } catch (error) {
    await storage.close();
    throw error;
  }
}
