import type { AuditLog } from '../audit/event.ts';
import type { Clock } from '../clock.ts';
import type { Ids } from '../ids.ts';
import type { InTransaction } from '../transaction.ts';
import { makeSigningKeys } from './make-signing-keys.ts';
import type { SigningKey, SigningKeyStore } from './signing-key.ts';

export interface LoadSigningKeysDeps {
  store: SigningKeyStore;
  audit: AuditLog;
  inTransaction: InTransaction;
  clock: Clock;
  ids: Ids;
}

/** The signing keys of this installation; made, encrypted and stored at the very first start. */
export const makeLoadSigningKeys = (deps: LoadSigningKeysDeps) => async (): Promise<SigningKey[]> => {
  const stored = await deps.store.load();
  if (stored.length > 0) return stored;
  // Made before the transaction: an RSA key takes a second, and the embedded database has one session for everybody.
  const fresh = await makeSigningKeys(deps);
  await deps.inTransaction(async () => {
    if (!(await deps.store.insertIfEmpty(fresh))) return;
    for (const { kid, purpose } of fresh) {
      await deps.audit.append({ type: 'key.created', kid, alg: purpose }, { kind: 'system' });
    }
  });
  return deps.store.load();
};
