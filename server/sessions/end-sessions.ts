import type { KeptSession as SessionWithoutGrants } from '../accounts/artifacts.ts';
import type { Actor, AuditLog } from '../audit/event.ts';
import type { InTransaction } from '../transaction.ts';
import type { KeptSession, SessionStore } from './session-store.ts';
import type { TellApps } from './tell-apps.ts';

export interface EndSessionsDeps {
  sessions: SessionStore;
  tellApps: TellApps;
  audit: AuditLog;
  inTransaction: InTransaction;
}

/**
 * Ends one session of a person: its browser is signed out, and every grant, refresh token and access token that came of it is
 * dead when this returns, offline ones too. `missing` for anything that is no session of this person, whoever's it is.
 */
export const makeEndSession =
  ({ sessions, tellApps, audit, inTransaction }: EndSessionsDeps) =>
  (input: { accountId: string; id: string; by: Actor }): Promise<{ kind: 'ended' | 'missing' }> =>
    inTransaction(async () => {
      const { accountId, id, by } = input;
      const left = await sessions.end(accountId, id);
      if (left === undefined) return { kind: 'missing' };
      await tellApps(accountId, left);
      await audit.append({ type: 'session.ended', accountId, sessionId: id }, by);
      return { kind: 'ended' };
    });

/**
 * Ends all sessions of a person but one, with every grant that hangs from no session any more and every sign-in that is under
 * way. Returns how many sessions there were.
 */
export const makeEndOtherSessions =
  ({ sessions, tellApps, audit, inTransaction }: EndSessionsDeps) =>
  (input: { accountId: string; kept: KeptSession; by: Actor }): Promise<{ ended: number }> =>
    inTransaction(async () => {
      const { accountId, kept, by } = input;
      const { sessions: ended, left } = await sessions.endOthers(accountId, kept);
      await tellApps(accountId, left);
      await audit.append({ type: 'sessions.ended', accountId, scope: 'others', ended }, by);
      return { ended };
    });

/** Ends every session of a person, this one too, and everything that any client holds for them. */
export const makeEndAllSessions =
  ({ sessions, tellApps, audit, inTransaction }: EndSessionsDeps) =>
  (input: { accountId: string; by: Actor }): Promise<{ ended: number }> =>
    inTransaction(async () => {
      const { accountId, by } = input;
      const { sessions: ended, left } = await sessions.endAll(accountId);
      await tellApps(accountId, left);
      await audit.append({ type: 'sessions.ended', accountId, scope: 'all', ended }, by);
      return { ended };
    });

/**
 * The same for other use cases, as a part of what they do and tell of: a new password, a disabled or deleted account.
 */
export const makeRevokeAll =
  ({ sessions, tellApps }: Pick<EndSessionsDeps, 'sessions' | 'tellApps'>) =>
  async (accountId: string, kept?: SessionWithoutGrants): Promise<void> => {
    const { left } = await sessions.endAll(accountId, kept);
    await tellApps(accountId, left);
  };

export type EndSession = ReturnType<typeof makeEndSession>;
export type EndOtherSessions = ReturnType<typeof makeEndOtherSessions>;
export type EndAllSessions = ReturnType<typeof makeEndAllSessions>;
