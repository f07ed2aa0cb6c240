import { AggregatorRegistry } from 'prom-client';
import { openHouse } from '../compose/open.ts';
import type { LiveConfiguration } from '../config/live.ts';
import { makeMetrics } from '../http/management.ts';
import type { Log } from '../log.ts';
import { startChores } from './chores.ts';
import { followSettings } from './follow-settings.ts';
import { makeReadiness } from './readiness.ts';
import { makeAnswers, makeDoor, stopWithin } from './serve.ts';
import { watchSignals } from './signals.ts';
import { stopMessage, tellServing } from './workers.ts';

/** One of several processes on the public port. The primary has prepared the database and has the management port. */
export async function runWorker(live: LiveConfiguration, log: Log): Promise<void> {
  const { config, mode, rules: settingRules } = live;
  const signals = watchSignals((error) => log.error('stopping has failed', { error }));
  const metrics = makeMetrics();
  // Answers the primary when it asks for the metrics of all.
  AggregatorRegistry.setRegistries(metrics.registry);
  new AggregatorRegistry();
  process.on('message', (message) => {
    if (message === stopMessage) signals.stop();
  });
  process.on('disconnect', () => process.exit(1));

  const { storage, house } = await openHouse(config, log);
  await house.changes.connect();
  await house.changes.start();
  await followSettings({ settings: house.settings, feed: house.changes.feed, live, log });
  const door = makeDoor(config, makeReadiness());
  const web = await makeAnswers({ config, mode, storage, house, log, metrics, settingRules });
  door.open(web.answer);
  await door.listen();
  const stopChores = startChores({ config, house, log, metrics, runRow: web.runRow });
  signals.stopWith(async () => {
    await door.drain();
    await stopChores();
    await house.changes.close();
    await storage.close();
  }, stopWithin(config));
  tellServing();
}
