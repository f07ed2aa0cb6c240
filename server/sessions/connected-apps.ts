import type { Agreed } from './consent.ts';

/** A client that may do something for an account. */
export interface ConnectedApp {
  clientId: string;
  /** What it may see and do. */
  agreed: Agreed;
  /** Since when: the first consent, or else the oldest sign-in that is left. */
  since: Date;
  /** Whether the person was asked; operators have decided for apps of their own. */
  isConsented: boolean;
  /** When it has got tokens last, to the hour; null when never, or when nobody has noted it. */
  lastUsedAt: Date | null;
  /** Whether it holds something with which it could act now. */
  isSignedIn: boolean;
}

/** What clients may do for people. */
export interface ConnectedApps {
  /** In no order. */
  list(accountId: string): Promise<ConnectedApp[]>;
  /**
   * Ends what the account has agreed to with a client, and everything that the client holds of it. MUST be part of the
   * transaction that is open; a request that begins a grant from the same consent at this moment MUST either be reached or
   * begin nothing. `sids` are those of sessions that were signed in to it. Undefined when there was nothing.
   */
  end(accountId: string, clientId: string): Promise<{ wasConsented: boolean; sids: string[] } | undefined>;
}
