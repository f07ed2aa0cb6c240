import type { CredentialStore } from '../../../server/authn/credential-store.ts';
import type { Clock } from '../../../server/clock.ts';
import type { Database } from '../connection/database.ts';

export function makeCredentialStore(database: Database, clock: Clock): CredentialStore {
  return {
    async findPassword(accountId) {
      const row: { hash: string; key_id: string } | undefined = await database
        .current()('password_credential')
        .where({ account_id: accountId })
        .first('hash', 'key_id');
      return row && { hash: row.hash, keyId: row.key_id };
    },

    async savePassword(accountId, { hash, keyId }) {
      await database
        .current()('password_credential')
        .insert({ account_id: accountId, hash, key_id: keyId, changed_at: clock.now() })
        .onConflict('account_id')
        .merge(['hash', 'key_id', 'changed_at']);
    },

    // The person has not changed it, so changed_at stays.
    async upgradePassword(accountId, old, fresh) {
      const changed = await database
        .current()('password_credential')
        .where({ account_id: accountId, hash: old.hash, key_id: old.keyId })
        .update({ hash: fresh.hash, key_id: fresh.keyId });
      return changed === 1;
    },
  };
}
