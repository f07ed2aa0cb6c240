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

/** Whether tokens that nobody has stored are still good. docs/decisions/0010-revocation-of-jwt-access-tokens.md */
export interface TokenStanding {
  /**
   * Whether the root is there and the token was not revoked by itself. MUST see every revocation that was answered before,
   * by whichever process: neither a cache nor a replica may stand in between. One statement.
   */
  stands(root: TokenRoot): Promise<boolean>;
  /**
   * Ends a grant with everything that hangs from it, or a service's token alone. MUST be part of the transaction that is
   * open. False when it had ended before.
   */
  end(root: TokenRoot): Promise<boolean>;
}
