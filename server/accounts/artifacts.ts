/** What the engine has issued in an account's name: sessions, codes, tokens, grants. */
export interface AccountArtifacts {
  /** Ends all of it, offline grants too. MUST be part of the transaction that is open. */
  revokeAll(accountId: string): Promise<void>;
  /** Ends all of it but the browser session with this uid, which goes on without its grants. MUST be part of the open transaction. */
  revokeAllBut(accountId: string, sessionUid: string): Promise<void>;
}
