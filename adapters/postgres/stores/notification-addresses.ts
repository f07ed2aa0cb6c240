import type { NotificationAddressStore } from '../../../server/accounts/notification-addresses.ts';
import type { Database } from '../connection/database.ts';
import { runSql } from '../connection/run-sql.ts';

export function makeNotificationAddresses(database: Database): NotificationAddressStore {
  return {
    async allOf(accountId) {
      const rows = await runSql<{ address: string }>(
        database,
        `select email as address from account where id = ? and email is not null
         union select address from notification_address where account_id = ?`,
        [accountId, accountId],
      );
      return rows.map(({ address }) => address);
    },

    async find(accountId) {
      const rows = await runSql<{ address: string }>(
        database,
        'select address from notification_address where account_id = ?',
        [accountId],
      );
      return rows[0]?.address;
    },

    async save(accountId, address, now) {
      await runSql(
        database,
        `insert into notification_address (account_id, address, verified_at) values (?, ?, ?)
         on conflict on constraint notification_address_pkey
         do update set address = excluded.address, verified_at = excluded.verified_at`,
        [accountId, address, now],
      );
    },

    async remove(accountId) {
      const rows = await runSql(
        database,
        'delete from notification_address where account_id = ? returning 1',
        [accountId],
      );
      return rows.length === 1;
    },
  };
}
