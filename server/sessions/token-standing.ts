/**
 * What an access token hangs from that nobody has stored (RFC 9068). It lives as long as that, and never longer than it
 * says itself.
 */
export type TokenRoot =
  | { kind: 'grant'; grantId: string }
  /** A service's own token: the registration of its client. */
  | {
      kind: 'client';
      clientId: string;
      /** Names the registration: a client that is deleted and made again has another one. */
      ref: string | undefined;
      jti: string;
      /** Seconds since the epoch. */
      expiresAt: number;
    };

/** Whom a token acts for, as they are now. */
export interface TokenHolder {
  /** Names of the roles that the person, or the service, was given. */
  roles: readonly string[];
  /** The scopes that the client of a service is registered for; null: what the token hangs from is a person's. */
  registered: string | null;
}

/** Whether tokens that nobody has stored are still good. docs/decisions/0010-revocation-of-jwt-access-tokens.md */
export interface TokenStanding {
  /**
   * The holder, if the root is there and the token was not revoked by itself. MUST see every revocation, and every role that
   * was taken, that was answered before, by whichever process: neither a cache nor a replica may stand in between. One statement.
   */
  stands(root: TokenRoot): Promise<TokenHolder | undefined>;
  /**
   * Ends a grant with everything that hangs from it, or a service's token alone. MUST be part of the transaction that is
   * open. False when it had ended before.
   */
  end(root: TokenRoot): Promise<boolean>;
}
