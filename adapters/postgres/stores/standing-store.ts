import type { StandingStore } from '../../../server/accounts/standing/standing.ts';
import type { Database } from '../connection/database.ts';
import { runSql } from '../connection/run-sql.ts';

interface StandingRow {
  disabled_at: Date | null;
  disabled_reason: string | null;
  last_sign_in_at: Date | null;
  deletion_due_at: Date | null;
  has_picture: boolean;
}

interface PasswordRow {
  created_at: Date | null;
  changed_at: Date;
  last_used_at: Date | null;
  temporary_until: Date | null;
  must_reset: boolean;
}

export function makeStandingStore(database: Database): StandingStore {
  return {
    async find(accountId) {
      const [row] = await runSql<StandingRow>(
        database,
        `select disabled_at, disabled_reason,
           greatest(
             (select last_used_at from password_credential where account_id = account.id),
             (select max(last_seen_at) from known_device where account_id = account.id)
           ) as last_sign_in_at,
           (select due_at from account_deletion where account_id = account.id) as deletion_due_at,
           exists (select from account_picture where account_id = account.id) as has_picture
         from account where id = ?`,
        [accountId],
      );
      if (row === undefined) return undefined;
      const terms = await runSql<{ version: string; accepted_at: Date }>(
        database,
        'select version, accepted_at from terms_acceptance where account_id = ? order by accepted_at desc, version desc',
        [accountId],
      );
      return {
        disabledAt: row.disabled_at,
        disabledReason: row.disabled_reason,
        lastSignInAt: row.last_sign_in_at,
        deletionDueAt: row.deletion_due_at,
        hasPicture: row.has_picture,
        terms: terms.map(({ version, accepted_at: acceptedAt }) => ({ version, acceptedAt })),
      };
    },

    async explain(accountId, at, reason) {
      await runSql(
        database,
        `update account set disabled_at = coalesce(disabled_at, ?), disabled_reason = ? where id = ? and status = 'disabled'`,
        [at, reason, accountId],
      );
    },

    async findPassword(accountId) {
      const [row] = await runSql<PasswordRow>(
        database,
        `select created_at, changed_at, last_used_at, temporary_until, must_reset from password_credential
         where account_id = ?`,
        [accountId],
      );
      if (row === undefined) return undefined;
      return {
        createdAt: row.created_at,
        changedAt: row.changed_at,
        lastUsedAt: row.last_used_at,
        temporaryUntil: row.temporary_until,
        mustReset: row.must_reset,
      };
    },

    async removePassword(accountId) {
      const rows = await runSql(
        database,
        'delete from password_credential where account_id = ? returning 1',
        [accountId],
      );
      return rows.length === 1;
    },
  };
}
