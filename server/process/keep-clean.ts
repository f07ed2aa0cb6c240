import type { House } from '../compose/house.ts';
import type { Config } from '../config/schema.ts';
import type { Metrics } from '../http/management.ts';
import type { Log } from '../log.ts';
import { startChaining } from './chaining.ts';
import { startDeliveries } from './deliveries.ts';
import { startJanitor } from './janitor.ts';
import { startNotingUses } from './note-uses.ts';

export interface KeepCleanDeps {
  config: Config;
  house: House;
  log: Log;
  metrics: Metrics;
}

/** Starts the janitor of this process with all its chores, and its notes of what is in use; returns what ends them. */
export function keepClean({ config, house, log, metrics }: KeepCleanDeps): () => Promise<void> {
  const { refreshReplayWindow } = config.lifetimes;
  const interval = config.process.janitorInterval;
  const stopNoting = startNotingUses({ secretUses: house.secretUses, interval, log });
  const stopJanitor = startJanitor({
    owner: house.ids.id(),
    interval,
    lease: house.leases,
    chores: {
      refresh_answers: (most) => house.refreshReplays.forgetOld(refreshReplayWindow, most),
      expired_artifacts: (most) => house.artifactSweep.deleteExpired(most),
      used_identifiers: (most) => house.artifactSweep.forgetIdentifiers(most),
      short_lived_tables: () => house.artifactSweep.emptyShortLived(),
      one_time_links: (most) => house.oneTimeLinks.forgetOld(house.clock.now(), most),
      kept_answers: (most) => house.keptAnswers.forgetOld(house.clock.now(), most),
      attribute_values: (most) => house.attributes.removeValues(house.clock.now(), most),
      sign_ups: (most) => house.signUps.forgetOld(house.clock.now(), most),
      deleted_accounts: (most) => house.eraseDue(most),
      ended_roles: (most) => house.assignments.forgetEnded(most),
      mail_allowances: (most) => house.mailAllowance.forgetOld(house.clock.now(), most),
      unknown_names: (most) => house.lockoutSweep.forgetUnknownNames(most),
      failed_sign_ins: (most) => house.lockoutSweep.forgetFailures(config.lockout.window, most),
      old_devices: (most) => house.lockoutSweep.forgetDevices(most),
      sign_in_alarms: (most) => house.lockoutSweep.forgetAlarms(most),
      // A minute on top, by which the notes are late.
      session_details: (most) => house.sessionUse.forgetOld(config.lifetimes.sessionAbsolute + 60, most),
      outbox_expired: (most) => house.outboxOffice.expireWaiting(house.clock.now(), most),
      outbox_messages: (most) =>
        house.outboxOffice.forgetFinished(
          new Date(house.clock.now().getTime() - config.mail.outboxRetention * 1000),
          most,
        ),
      deleted_resource_servers: (most) => house.resourceServers.finishDeletions(most),
      jobs: (most) => house.bulkJobs.forgetBefore(new Date(house.clock.now().getTime() - week), most),
      support_sessions: (most) =>
        house.supportSessions.forgetBefore(monthsBefore(house.clock.now(), 13), most),
      // An hour on top, which is what one entry is about.
      client_errors: (most) =>
        house.clientErrors.forgetOld(
          new Date(house.clock.now().getTime() - (config.clientErrors.retention + 3600) * 1000),
          most,
        ),
      audit_months_made: hourly(house.auditChain.makeMonths),
      audit_months_dropped: hourly(house.auditChain.dropMonths),
      revoked_tokens: (most) => house.tokenStanding.forgetExpired(most),
    },
    count: (chore, removed) => metrics.swept.inc({ chore }, removed),
    log,
  });
  return async () => void (await Promise.all([stopJanitor(), stopNoting()]));
}

/** What need not be looked at in each round; again in the next one if it failed, or did something. */
function hourly(chore: () => Promise<number>): () => Promise<number> {
  let next = 0;
  return async () => {
    if (performance.now() < next) return 0;
    const done = await chore();
    if (done === 0) next = performance.now() + 3_600_000;
    return done;
  };
}

const week = 7 * 24 * 60 * 60 * 1000;

/** As people see who has acted for them. */
const monthsBefore = (now: Date, months: number): Date =>
  new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - months, now.getUTCDate()));

/** Starts the deliveries of this process; returns what ends them. */
export function keepDelivering({ config, house, log, metrics }: KeepCleanDeps): () => Promise<void> {
  watchOutbox(house, metrics);
  return startDeliveries({
    deliver: house.deliver,
    onAdded: (wake) => house.changes.feed.watch('outbox', wake),
    onOutcome: (outcome) => metrics.deliveries.inc({ outcome }),
    interval: config.mail.outboxInterval,
    atOnce: config.mail.connections,
    log,
  });
}

/** What operators want to be woken for: mail that does not get out. */
function watchOutbox({ outboxOffice, clock }: House, metrics: Metrics): void {
  metrics.asked(
    'gatehouse_outbox_waiting',
    'Messages that wait for their delivery.',
    async () => (await outboxOffice.depth()).waiting,
  );
  metrics.asked(
    'gatehouse_outbox_dead',
    'Messages that were given up and wait for an operator.',
    async () => (await outboxOffice.depth()).dead,
  );
  metrics.asked(
    'gatehouse_outbox_oldest_seconds',
    'How long the oldest message is due that was not delivered yet; 0 when none is.',
    async () => {
      const { oldestDue } = await outboxOffice.depth();
      return oldestDue === null ? 0 : Math.max(0, (clock.now().getTime() - oldestDue.getTime()) / 1000);
    },
  );
}

/** Starts the chaining of the audit log in this process; returns what ends it. */
export function keepChaining({ house, log, metrics }: KeepCleanDeps): () => Promise<void> {
  const { auditChain, leases, ids } = house;
  metrics.asked(
    'gatehouse_audit_unchained',
    'Events of the audit log that have no place in its chain yet.',
    async () => (await auditChain.waiting()).events,
  );
  metrics.asked(
    'gatehouse_audit_chain_lag_seconds',
    'For how long the oldest event of the audit log has waited for its place; 0 when none does.',
    async () => (await auditChain.waiting()).seconds,
  );
  const { look, extend } = auditChain;
  return startChaining({ owner: ids.id(), lease: leases, look, extend, log });
}
