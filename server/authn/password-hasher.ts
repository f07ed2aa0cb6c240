import type { ForeignPassword } from './foreign-password.ts';

/** A password as we hash it: the PHC string (RFC-less de facto form of argon2) and which keyed step was applied before it. */
export interface OwnPassword {
  hash: string;
  /** Id of the PASSWORD_KEYS entry used for the HMAC step. */
  keyId: string;
}

/** A stored password, which may still be as another system had it. */
export type StoredPassword = OwnPassword | ForeignPassword;

/** `unusable`: what is stored cannot be checked at all, since its key is gone or its text is broken. Never shown to a person. */
export type PasswordVerdict =
  | { kind: 'match'; upgrade: boolean }
  | { kind: 'mismatch'; why: 'wrong' | 'unusable' };

export interface PasswordHasher {
  /**
   * @param password NFC-normalised here, 1 to 1,024 bytes of UTF-8 after that, never truncated.
   * @throws AppError invalid_input for any other length, `overloaded` when the queue is full.
   */
  hash(password: string): Promise<OwnPassword>;
  /**
   * Costs one hash, also when `stored` is undefined (unknown account, no password): a stranger learns nothing by time, nor
   * whether the hash is from elsewhere. `upgrade` says that it is, or that parameters or key are not the present ones. Throws
   * AppError overloaded when the queue is full.
   */
  verify(password: string, stored: StoredPassword | undefined): Promise<PasswordVerdict>;
}

/** LIMITS row 2. */
export const passwordMaxBytes = 1024;
