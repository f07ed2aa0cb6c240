import type { AccountStore } from '../../accounts/store.ts';
import type { Clock } from '../../clock.ts';
import { amrOfSupport } from '../../support-mark.ts';
import { enterWithin, type SupportSessionStore } from './support-session.ts';

export interface EnterSupportDeps {
  supportSessions: Pick<SupportSessionStore, 'enter'>;
  accounts: Pick<AccountStore, 'find'>;
  clock: Clock;
}

/**
 * The operator's browser, a moment after the begin: as whom it is signed in now. Nothing for anybody else, for a second browser
 * and for one that took too long.
 */
export const makeEnterSupport =
  ({ supportSessions, accounts, clock }: EnterSupportDeps) =>
  async ({ id, operatorId }: { id: string; operatorId: string }) => {
    const now = clock.now();
    const begunAfter = new Date(now.getTime() - enterWithin * 1000);
    const entered = await supportSessions.enter(id, operatorId, { now, begunAfter });
    if (entered === undefined) return undefined;
    const { session, sessionsEndedAt } = entered;
    const person = await accounts.find(session.accountId);
    if (person?.status !== 'active') return undefined;
    const until = Math.floor((session.endsAt ?? now).getTime() / 1000);
    const amr = [amrOfSupport({ id, operatorId, until })];
    return { accountId: person.id, amr, provenAt: now, sessionsEndedAt };
  };

export type EnterSupport = ReturnType<typeof makeEnterSupport>;
