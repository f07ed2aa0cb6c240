import type { House } from '../compose/house.ts';
import type { Config } from '../config/schema.ts';
import type { Metrics } from '../http/management.ts';
import type { Log } from '../log.ts';
import { startDeliveries } from './deliveries.ts';
import { startJanitor } from './janitor.ts';

export interface KeepCleanDeps {
  config: Config;
  house: House;
  log: Log;
  metrics: Metrics;
}

/** Starts the janitor of this process with all its chores; returns what ends it. */
export function keepClean({ config, house, log, metrics }: KeepCleanDeps): () => Promise<void> {
  const { refreshReplayWindow } = config.lifetimes;
  return startJanitor({
    owner: house.ids.id(),
    interval: config.process.janitorInterval,
    lease: house.leases,
    chores: {
      refresh_answers: (most) => house.refreshReplays.forgetOld(refreshReplayWindow, most),
      expired_artifacts: (most) => house.artifactSweep.deleteExpired(most),
      used_identifiers: (most) => house.artifactSweep.forgetIdentifiers(most),
      short_lived_tables: () => house.artifactSweep.emptyShortLived(),
      one_time_links: (most) => house.oneTimeLinks.forgetOld(house.clock.now(), most),
      sign_ups: (most) => house.signUps.forgetOld(house.clock.now(), most),
      mail_allowances: (most) => house.mailAllowance.forgetOld(house.clock.now(), most),
      unknown_names: (most) => house.lockoutSweep.forgetUnknownNames(most),
      failed_sign_ins: (most) => house.lockoutSweep.forgetFailures(config.lockout.window, most),
      old_devices: (most) => house.lockoutSweep.forgetDevices(most),
      sign_in_alarms: (most) => house.lockoutSweep.forgetAlarms(most),
      // A minute on top, by which the notes are late.
      session_details: (most) => house.sessionUse.forgetOld(config.lifetimes.sessionAbsolute + 60, most),
      revoked_tokens: (most) => house.tokenStanding.forgetExpired(most),
    },
    count: (chore, removed) => metrics.swept.inc({ chore }, removed),
    log,
  });
}

/** Starts the deliveries of this process; returns what ends them. */
export function keepDelivering({ config, house, log }: KeepCleanDeps): () => Promise<void> {
  return startDeliveries({
    deliver: house.deliver,
    onAdded: (wake) => house.changes.feed.watch('outbox', wake),
    interval: config.mail.outboxInterval,
    log,
  });
}
