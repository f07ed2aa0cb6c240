/** What the engine has issued in an account's name: sessions, codes, tokens, grants. */
export interface AccountArtifacts {
  /** Ends all of it, offline grants too. MUST be part of the transaction that is open. */
  revokeAll(accountId: string): Promise<void>;
}
