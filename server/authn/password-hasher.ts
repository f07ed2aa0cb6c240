/** A stored password: the PHC string (RFC-less de facto form of argon2) and which keyed step was applied before it. */
export interface StoredPassword {
  hash: string;
  /** Id of the PASSWORD_KEYS entry used for the HMAC step. */
  keyId: string;
}

export type PasswordVerdict = { kind: 'match'; upgrade: boolean } | { kind: 'mismatch' };

export interface PasswordHasher {
  /** @param password NFC-normalised here, 1 to 1,024 bytes of UTF-8. Throws AppError overloaded when the queue is full. */
  hash(password: string): Promise<StoredPassword>;
  /**
   * Costs one hash, also when `stored` is undefined (unknown account, no password): a stranger learns nothing by time.
   * `upgrade` says that parameters or key are not the present ones.
   */
  verify(password: string, stored: StoredPassword | undefined): Promise<PasswordVerdict>;
}

export const passwordMaxBytes = 1024;
