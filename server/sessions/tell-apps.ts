import type { LogoutQueue } from '../outbox/logout-queue.ts';
import type { SignedOutOf } from './session-store.ts';

export interface TellAppsDeps {
  logouts: LogoutQueue;
  /** Whether this client is registered for being told (Back-Channel Logout 1.0 2.2). */
  wantsLogouts(clientId: string): Promise<boolean>;
}

/**
 * Owes a message to each client that somebody was signed out of and that wants to know. To be called in the transaction that
 * ends the session.
 */
export const makeTellApps =
  ({ logouts, wantsLogouts }: TellAppsDeps) =>
  async (accountId: string, left: readonly SignedOutOf[]): Promise<void> => {
    const wanted = new Map<string, boolean>();
    for (const { clientId } of left)
      if (!wanted.has(clientId)) wanted.set(clientId, await wantsLogouts(clientId));
    const owed = left.filter(({ clientId }) => wanted.get(clientId));
    await logouts.enqueueLogouts(owed.map(({ clientId, sid }) => ({ accountId, clientId, sid })));
  };

export type TellApps = ReturnType<typeof makeTellApps>;
