import type { CredentialStore } from '../../../server/authn/credential-store.ts';
import type { Clock } from '../../../server/clock.ts';
import type { Database } from '../connection/database.ts';
import { runSql } from '../connection/run-sql.ts';
import { type PasswordRow, toPassword, toPasswordRow } from './password-row.ts';

const replacing = `on conflict on constraint password_credential_pkey do update
  set hash = excluded.hash, key_id = excluded.key_id, scheme = excluded.scheme, work = excluded.work,
    must_reset = false, changed_at = excluded.changed_at, last_used_at = null,
    temporary_until = excluded.temporary_until`;

export function makeCredentialStore(database: Database, clock: Clock): CredentialStore {
  return {
    async findPassword(accountId) {
      const row: PasswordRow | undefined = await database
        .current()('password_credential')
        .where({ account_id: accountId })
        .first('hash', 'key_id', 'scheme', 'work');
      return row && toPassword(row);
    },

    async savePassword(accountId, password, temporaryUntil) {
      const { hash, key_id, scheme, work } = toPasswordRow(password);
      await runSql(
        database,
        `with opened as (delete from sign_in_counter where account_id = ?)
         insert into password_credential
           (account_id, hash, key_id, scheme, work, changed_at, created_at, temporary_until)
         values (?, ?, ?, ?, ?, ?, ?, ?) ${replacing}`,
        [
          ...[accountId, accountId, hash, key_id, scheme, work],
          ...[clock.now(), clock.now(), temporaryUntil ?? null],
        ],
      );
    },

    async changePassword(accountId, password, provenAfter) {
      const { hash, key_id, scheme, work } = toPasswordRow(password);
      const rows = await runSql(
        database,
        `with proven as (
           select id from account where id = ? and status = 'active'
             and sessions_ended_at is not distinct from ?::timestamptz for update
         ), opened as (delete from sign_in_counter where account_id in (select id from proven))
         insert into password_credential (account_id, hash, key_id, scheme, work, changed_at, created_at)
         select id, ?::text, ?::text, ?::text, ?::integer, ?::timestamptz, ?::timestamptz from proven ${replacing} returning 1`,
        [accountId, provenAfter, hash, key_id, scheme, work, clock.now(), clock.now()],
      );
      return rows.length === 1;
    },

    async demandReset(accountId) {
      const rows = await runSql(
        database,
        'update password_credential set must_reset = true where account_id = ? returning 1',
        [accountId],
      );
      return rows.length === 1;
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
