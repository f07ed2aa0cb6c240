import type { TermsStore } from '../../../server/accounts/terms.ts';
import type { Database } from '../connection/database.ts';
import { runSql } from '../connection/run-sql.ts';

export function makeTermsStore(database: Database): TermsStore {
  return {
    async hasAccepted(accountId, version) {
      const rows = await runSql(
        database,
        'select 1 from terms_acceptance where account_id = ? and version = ?',
        [accountId, version],
      );
      return rows.length === 1;
    },

    async accept(accountId, version, now) {
      await runSql(
        database,
        `insert into terms_acceptance (account_id, version, accepted_at) values (?, ?, ?)
         on conflict on constraint terms_acceptance_pkey do nothing`,
        [accountId, version, now],
      );
    },
  };
}
