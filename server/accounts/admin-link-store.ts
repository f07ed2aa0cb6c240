/** The one link that makes the first administrator. Only the SHA-256 of its token is kept. */
export interface AdminLinkStore {
  /** Ends every earlier link and keeps this one. */
  replace(tokenHash: Buffer, expiresAt: Date): Promise<void>;
  /** Whether this token would be accepted now. */
  isLive(tokenHash: Buffer, now: Date): Promise<boolean>;
  /**
   * Uses it up. MUST be decided by one statement, so that of many callers exactly one gets true; undone with the open
   * transaction.
   */
  consume(tokenHash: Buffer, now: Date): Promise<boolean>;
}
