import type { CredentialStore } from '../../../server/authn/credential-store.ts';
import type { Clock } from '../../../server/clock.ts';
import type { Database } from '../connection/database.ts';
import { runSql } from '../connection/run-sql.ts';

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
      await runSql(
        database,
        `with opened as (delete from sign_in_counter where account_id = ?)
         insert into password_credential (account_id, hash, key_id, changed_at) values (?, ?, ?, ?)
         on conflict on constraint password_credential_pkey do update
           set hash = excluded.hash, key_id = excluded.key_id, changed_at = excluded.changed_at`,
        [accountId, accountId, hash, keyId, clock.now()],
      );
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
