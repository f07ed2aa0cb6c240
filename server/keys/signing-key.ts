/** Private JWK as RFC 7517 and RFC 8037 have it; kept as given by node:crypto. */
export type PrivateJwk = { kty: string; kid: string; use: 'sig'; alg?: string } & Record<string, unknown>;

export interface SigningKey {
  kid: string;
  /** What it was made for; the RSA key serves RS256 and PS256 and so carries no `alg` in its JWK. */
  purpose: 'rsa' | 'es256' | 'eddsa';
  jwk: PrivateJwk;
  createdAt: Date;
}

export interface SigningKeyStore {
  /**
   * All keys, decrypted. MUST throw StartError when a key cannot be decrypted with the configured encryption keys.
   */
  load(): Promise<SigningKey[]>;
  /**
   * Adds the keys only if the store has none at all, decided by the database: of two processes that start at once one
   * writes, and both read the same keys afterwards.
   */
  insertIfEmpty(keys: SigningKey[]): Promise<boolean>;
}
