/** A client that is to be told that somebody is signed out (OpenID Connect Back-Channel Logout 1.0). */
export interface OwedLogout {
  clientId: string;
  accountId: string;
  /** What the client knows the session by; null means every session of that person (2.4). */
  sid: string | null;
  /** When telling it is of no use any more. */
  expiresAt: Date;
}

/**
 * Takes sign-outs of which clients are to be told. They wait in the outbox as `backchannel_logout`: no process delivers this kind
 * yet, so they expire there. The address is looked up at delivery, since it may change meanwhile.
 */
export interface LogoutQueue {
  /** MUST be part of the transaction that is open, if one is. */
  enqueueLogouts(logouts: readonly OwedLogout[]): Promise<void>;
}
