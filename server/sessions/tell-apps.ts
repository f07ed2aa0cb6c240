import type { Clock } from '../clock.ts';
import type { LogoutQueue } from '../outbox/logout-queue.ts';
import type { SignedOutOf } from './session-store.ts';

export interface TellAppsDeps {
  logouts: LogoutQueue;
  clock: Clock;
  /** Seconds for which a session lasts at most: an app that follows ours has none any more after that. */
  sessionAbsolute: number;
  /** Whether this client is registered for being told (Back-Channel Logout 1.0 2.2). */
  wantsLogouts(clientId: string): Promise<boolean>;
}

/**
 * Owes a message to each client that somebody was signed out of and that wants to know. To be called in the transaction that
 * ends the session.
 */
export const makeTellApps =
  ({ logouts, clock, sessionAbsolute, wantsLogouts }: TellAppsDeps) =>
  async (accountId: string, left: readonly SignedOutOf[]): Promise<void> => {
    const wanted = new Map<string, boolean>();
    for (const { clientId } of left)
      if (!wanted.has(clientId)) wanted.set(clientId, await wantsLogouts(clientId));
    const owed = left.filter(({ clientId }) => wanted.get(clientId));
    const expiresAt = new Date(clock.now().getTime() + sessionAbsolute * 1000);
    await logouts.enqueueLogouts(owed.map(({ clientId, sid }) => ({ accountId, clientId, sid, expiresAt })));
  };

export type TellApps = ReturnType<typeof makeTellApps>;
