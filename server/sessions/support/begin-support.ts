import type { NotificationAddresses } from '../../accounts/notification-addresses.ts';
import type { Actor, AuditLog } from '../../audit/event.ts';
import type { Clock } from '../../clock.ts';
import type { MailQueue } from '../../outbox/mail-queue.ts';
import type { InTransaction } from '../../transaction.ts';
import { findSupportRefusal, type SupportRefusal, type SupportRules } from './ask-for-support.ts';
import { type SupportSession, type SupportSessionStore, stateOfSupport } from './support-session.ts';

export interface BeginSupportDeps extends SupportRules {
  supportSessions: Pick<SupportSessionStore, 'find' | 'begin'>;
  notificationAddresses: NotificationAddresses;
  mails: MailQueue;
  audit: AuditLog;
  inTransaction: InTransaction;
  clock: Clock;
  issuer: string;
}

export type BeginSupportOutcome =
  | { kind: 'begun'; session: SupportSession }
  /** Begun already, ended, or too late. */
  | { kind: 'over' }
  | { kind: SupportRefusal };

/**
 * Begins what was asked for, once. Whether the operator may is looked up again: what they or the person hold may have changed
 * meanwhile. The person is told at every address of theirs, in the same transaction.
 */
export const makeBeginSupport =
  (deps: BeginSupportDeps) =>
  (input: { id: string; operatorId: string; by: Actor }): Promise<BeginSupportOutcome> =>
    deps
      .inTransaction(async () => {
        const { id, operatorId, by } = input;
        const now = deps.clock.now();
        const session = await deps.supportSessions.begin(id, operatorId, now);
        if (session === undefined) return { kind: 'over' as const };
        const { accountId, reason, minutes } = session;
        const refusal = await findSupportRefusal(deps, { accountId, operatorId });
        if (refusal !== undefined) throw new Refused(refusal);
        await tell(deps, session);
        await deps.audit.append(
          { type: 'support.begun', accountId, supportId: id, change: { after: { reason, minutes } } },
          { ...by, onBehalfOf: accountId },
        );
        return { kind: 'begun' as const, session };
      })
      .catch((error: unknown) => {
        if (error instanceof Refused) return { kind: error.refusal };
        throw error;
      });

export type BeginSupport = ReturnType<typeof makeBeginSupport>;

/** Undoes the begin. */
class Refused extends Error {
  readonly refusal: SupportRefusal;

  constructor(refusal: SupportRefusal) {
    super(refusal);
    this.refusal = refusal;
  }
}

async function tell(
  { accounts, notificationAddresses, mails, issuer }: BeginSupportDeps,
  { accountId, reason, minutes }: SupportSession,
): Promise<void> {
  const person = await accounts.find(accountId);
  const message = {
    kind: 'support_begun' as const,
    params: { reason, minutes: String(minutes), link: `${issuer}/account/sessions` },
  };
  for (const to of await notificationAddresses(accountId))
    await mails.enqueue({ to, accountId, locale: person?.profile.locale, message });
}

/** What the operator is shown before they begin: nothing when it is not theirs, or not there to begin. */
export const makeFindSupport =
  ({ supportSessions, accounts, clock }: Pick<BeginSupportDeps, 'supportSessions' | 'accounts' | 'clock'>) =>
  async ({ id, operatorId }: { id: string; operatorId: string }) => {
    const session = await supportSessions.find(id);
    if (session?.operatorId !== operatorId) return undefined;
    if (stateOfSupport(session, clock.now()) !== 'asked') return undefined;
    const person = await accounts.find(session.accountId);
    return person === undefined ? undefined : { session, person };
  };

export type FindSupport = ReturnType<typeof makeFindSupport>;
