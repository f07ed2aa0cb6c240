import type { StoredPassword } from '../../../server/authn/password-hasher.ts';

/** A password as password_credential has it; all null where there is none. */
export interface PasswordRow {
  hash: string | null;
  key_id: string | null;
  scheme: string | null;
  work: number | null;
}

/** Ours, or one that another system has hashed. */
export function toPassword({ hash, key_id: keyId, scheme, work }: PasswordRow): StoredPassword | undefined {
  if (hash === null) return undefined;
  if (scheme !== null && work !== null) return { hash, scheme, work };
  return keyId === null ? undefined : { hash, keyId };
}

export function toPasswordRow(password: StoredPassword): PasswordRow {
  if ('keyId' in password) return { hash: password.hash, key_id: password.keyId, scheme: null, work: null };
  return { hash: password.hash, key_id: null, scheme: password.scheme, work: password.work };
}
