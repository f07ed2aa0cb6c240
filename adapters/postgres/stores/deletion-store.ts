import type { DeletionStore } from '../../../server/accounts/deletion/deletion-store.ts';
import type { Database } from '../connection/database.ts';
import { runSql } from '../connection/run-sql.ts';

export function makeDeletionStore(database: Database): DeletionStore {
  return {
    async schedule(accountId, askedAt, dueAt) {
      await runSql(
        database,
        `insert into account_deletion (account_id, asked_at, due_at) values (?, ?, ?)
         on conflict on constraint account_deletion_pkey
         do update set asked_at = excluded.asked_at, due_at = excluded.due_at`,
        [accountId, askedAt, dueAt],
      );
    },

    async find(accountId) {
      const rows = await runSql<{ due_at: Date }>(
        database,
        'select due_at from account_deletion where account_id = ?',
        [accountId],
      );
      return rows[0]?.due_at;
    },

    async take(accountId) {
      const rows = await runSql(database, 'delete from account_deletion where account_id = ? returning 1', [
        accountId,
      ]);
      return rows.length === 1;
    },

    async listDue(now, most) {
      const rows = await runSql<{ account_id: string }>(
        database,
        'select account_id from account_deletion where due_at <= ? order by due_at limit ?',
        [now, most],
      );
      return rows.map(({ account_id: id }) => id);
    },
  };
}
