import { AggregatorRegistry } from 'prom-client';
import { openHouse } from '../compose/open.ts';
import type { LiveConfiguration } from '../config/live.ts';
import { makeMetrics } from '../http/management.ts';
import type { Log } from '../log.ts';
import { followSettings } from './follow-settings.ts';
import { keepChaining, keepClean, keepDelivering } from './keep-clean.ts';
import { keepNoting } from './keep-noting.ts';
import { keepShipping } from './keep-shipping.ts';
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
  door.open(await makeAnswers({ config, mode, storage, house, log, metrics, settingRules }));
  await door.listen();
  const stopJanitor = keepClean({ config, house, log, metrics });
  const stopDeliveries = keepDelivering({ config, house, log, metrics });
  const stopShipping = keepShipping({ config, house, log, metrics });
  const stopChaining = keepChaining({ config, house, log, metrics });
  const stopNoting = keepNoting(house);
  signals.stopWith(async () => {
    await door.drain();
    await Promise.all([stopJanitor(), stopDeliveries(), stopShipping(), stopNoting()]);
    await stopChaining();
    await house.changes.close();
    await storage.close();
  }, stopWithin(config));
  tellServing();
}
