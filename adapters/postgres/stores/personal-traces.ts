import { foldLoginName } from '../../../server/accounts/account.ts';
import type { PersonalTraces } from '../../../server/accounts/deletion/deletion-store.ts';
import type { Database } from '../connection/database.ts';
import { runSql } from '../connection/run-sql.ts';

/** Addresses are kept as they were written, by people who write them in different casings. */
const foldedIn = (column: string): string => `lower(${column}) = any (?::text[])`;

export function makePersonalTraces(database: Database): PersonalTraces {
  return {
    async erase(accountId, addresses) {
      const folded = [...new Set(addresses.map(foldLoginName))];
      const links = await runSql<{ address: string }>(
        database,
        `delete from one_time_link
         where subject_id = ? or (subject_id > ? and subject_id < ?) or ${foldedIn('address')}
         returning address`,
        // What follows the slash in ASCII is the zero.
        [accountId, `${accountId}/`, `${accountId}0`, folded],
      );
      await runSql(database, 'delete from sign_up where id = ? or folded_email = any (?::text[])', [
        accountId,
        folded,
      ]);
      await runSql(
        database,
        'delete from invitation where account_id = ? or folded_email = any (?::text[])',
        [accountId, folded],
      );
      // That clients are to be told of the sign-out is all that is left to do for the account.
      await runSql(
        database,
        `delete from outbox_message where account_id = ? and kind <> 'backchannel_logout'`,
        [accountId],
      );
      // Also those that the account was to get and did not.
      const mailed = [...folded, ...links.map(({ address }) => foldLoginName(address))];
      await runSql(database, `delete from mailbox_message where ${foldedIn('recipient')}`, [mailed]);
      // With the rights of the owner: the server itself may only append.
      await runSql(database, 'select erase_audit_personal(?)', [accountId]);
    },
  };
}
