import type { Server } from 'node:http';
import { openHouse } from '../compose/open.ts';
import { refuseSecondServer, type Storage } from '../compose/storage.ts';
import type { LiveConfiguration } from '../config/live.ts';
import type { Config } from '../config/schema.ts';
import { makeManagementServer, makeMetrics } from '../http/management.ts';
import type { Log } from '../log.ts';
import { announce } from './banner.ts';
import { startChores } from './chores.ts';
import { prepare } from './first-start.ts';
import { followSettings } from './follow-settings.ts';
import { drain, listen } from './listener.ts';
import { makeReadiness } from './readiness.ts';
import { makeAnswers, makeDoor, stopWithin } from './serve.ts';
import { watchSignals } from './signals.ts';

/** One process that does everything: database, first start, pages and APIs, management port. */
export async function runServer(live: LiveConfiguration, log: Log): Promise<void> {
  const { config, mode, rules: settingRules } = live;
  const signals = watchSignals((error) => log.error('stopping has failed', { error }));
  const metrics = makeMetrics();
  const readiness = makeReadiness();
  const door = makeDoor(config, readiness);
  const management = makeManagementServer({ metrics: metrics.registry, readiness: readiness.read });
  refuseSecondServer(config);
  await door.listen();
  await listenForManagement(management, config);

  const { storage, house } = await openHouse(config, log);
  endWithDatabase(storage, log);
  try {
    await house.changes.connect();
    const { adminLink } = await prepare(config, storage, house, log);
    await house.changes.start();
    await followSettings({ settings: house.settings, feed: house.changes.feed, live, log });
    const web = await makeAnswers({ config, mode, storage, house, log, metrics, settingRules });
    door.open(web.answer);
    const stopChores = startChores({ config, house, log, metrics, runRow: web.runRow });
    signals.stopWith(async () => {
      log.info('stopping');
      await door.drain();
      await drain(management, 1);
      await stopChores();
      await house.changes.close();
      await storage.close();
      log.info('stopped');
    }, stopWithin(config));
    const dataDir = config.database.url === undefined ? config.database.dataDir : undefined;
    announce({ mode, issuer: config.site.issuer, dataDir, adminLink });
    log.info('ready', { issuer: config.site.issuer, mode });
    readiness.started(storage.database);
  } catch (error) {
    await house.changes.close();
    await storage.close();
    throw error;
  }
}

/** Takes the management port; the primary of several workers does so, too. */
export function listenForManagement(
  management: Server,
  { listen: { managementHost, managementPort } }: Config,
) {
  return listen(management, managementHost, managementPort, 'GATEHOUSE_MANAGEMENT_PORT');
}

/** A server whose database has died could only answer 500 for ever. */
function endWithDatabase({ crashed }: Storage, log: Log): void {
  void crashed.then((error) => {
    log.error('the embedded database has ended; this process cannot go on', { error });
    process.stderr.write(
      `The embedded database has ended: ${error.message}\nStart the server again; nothing that it acknowledged is lost.\n`,
    );
    process.exit(1);
  });
}
