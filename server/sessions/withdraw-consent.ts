import type { Actor, AuditLog } from '../audit/event.ts';
import type { InTransaction } from '../transaction.ts';
import type { ConnectedApps } from './connected-apps.ts';
import type { TellApps } from './tell-apps.ts';

export interface WithdrawConsentDeps {
  connectedApps: Pick<ConnectedApps, 'end'>;
  /** Clients that are pages of this server itself. */
  isOurOwn(clientId: string): boolean;
  tellApps: TellApps;
  audit: AuditLog;
  inTransaction: InTransaction;
}

/**
 * Takes back what a person has agreed to with an app, and everything that the app holds: grants, refresh tokens, access tokens
 * and the sign-ins of all sessions to it are dead when this returns. The next authorization asks again. Of an app about which
 * nobody is asked it is a sign-out on all devices. `missing` when there was nothing.
 */
export const makeWithdrawConsent =
  ({ connectedApps, isOurOwn, tellApps, audit, inTransaction }: WithdrawConsentDeps) =>
  async (input: {
    accountId: string;
    clientId: string;
    by: Actor;
  }): Promise<{ kind: 'withdrawn' | 'missing' }> => {
    const { accountId, clientId, by } = input;
    if (isOurOwn(clientId)) return { kind: 'missing' };
    return inTransaction(async () => {
      const ended = await connectedApps.end(accountId, clientId);
      if (ended === undefined) return { kind: 'missing' };
      const sids = ended.sids.length > 0 ? ended.sids : [null];
      await tellApps(
        accountId,
        sids.map((sid) => ({ clientId, sid })),
      );
      await audit.append(
        { type: ended.wasConsented ? 'consent.withdrawn' : 'app.signed_out', accountId, clientId },
        by,
      );
      return { kind: 'withdrawn' };
    });
  };

export type WithdrawConsent = ReturnType<typeof makeWithdrawConsent>;
