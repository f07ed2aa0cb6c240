/** What goes on of somebody who ends everything else: where they sit. */
export interface KeptSession {
  /** The browser session, by its uid; it goes on without its grants. */
  uid?: string | undefined;
  /** The new id of that session: the old one, which somebody may have seen, leads to nothing from now on. */
  newId?: string | undefined;
  /** The grant of the token by which they ask; it goes on without its refresh tokens. */
  grantId?: string | undefined;
}

/** What the engine has issued in an account's name: sessions, codes, tokens, grants. */
export interface AccountArtifacts {
  /** Ends all of it, offline grants too. MUST be part of the transaction that is open. */
  revokeAll(accountId: string): Promise<void>;
  /** Ends all of it but what is kept. MUST be part of the transaction that is open. */
  revokeAllBut(accountId: string, kept: KeptSession): Promise<void>;
}
