import type { CredentialStore } from '../../../server/authn/credential-store.ts';
import type { Clock } from '../../../server/clock.ts';
import type { Database } from '../connection/database.ts';
import { runSql } from '../connection/run-sql.ts';
import { type PasswordRow, toPassword, toPasswordRow } from './password-row.ts';

export function makeCredentialStore(database: Database, clock: Clock): CredentialStore {
  return {
    async findPassword(accountId) {
      const row: PasswordRow | undefined = await database
        .current()('password_credential')
        .where({ account_id: accountId })
        .first('hash', 'key_id', 'scheme', 'work');
      return row && toPassword(row);
    },

    async savePassword(accountId, password) {
      const { hash, key_id, scheme, work } = toPasswordRow(password);
      await runSql(
        database,
        `with opened as (delete from sign_in_counter where account_id = ?)
         insert into password_credential (account_id, hash, key_id, scheme, work, changed_at) values (?, ?, ?, ?, ?, ?)
         on conflict on constraint password_credential_pkey do update
           set hash = excluded.hash, key_id = excluded.key_id, scheme = excluded.scheme, work = excluded.work,
             must_reset = false, changed_at = excluded.changed_at`,
        [accountId, accountId, hash, key_id, scheme, work, clock.now()],
      );
    },

    // The person has not changed it, so changed_at stays, and so does what an operator demands of them.
    async upgradePassword(accountId, old, fresh) {
      const changed = await database
        .current()('password_credential')
        .where({ account_id: accountId, ...toPasswordRow(old) })
        .update(toPasswordRow(fresh));
      return changed === 1;
    },
  };
}
