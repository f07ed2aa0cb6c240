/** Keys that nobody has who has the database alone: derived from those of the setting ENCRYPTION_KEYS. */
export interface AuditKeys {
  /** The key that seals from now on; it is told beside what it has sealed. */
  current: string;
  /** HMAC-SHA-256 (RFC 2104); undefined for a key that is not in the list. */
  mac(keyId: string, text: string): Buffer | undefined;
  /** Ed25519 (RFC 8032) with the current key, by which others can check without being able to forge. */
  sign(text: string): Buffer;
  /** Undefined for a key that is not in the list. */
  isSigned(keyId: string, text: string, signature: Buffer): boolean | undefined;
  /** The public halves, as JWKs (RFC 8037), the current one first. */
  publicKeys(): PublicKey[];
}

export interface PublicKey {
  kty: 'OKP';
  crv: 'Ed25519';
  kid: string;
  x: string;
}
