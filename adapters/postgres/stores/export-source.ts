import type { ExportSource } from '../../../server/accounts/export/export-source.ts';
import type { Database } from '../connection/database.ts';
import { runSql } from '../connection/run-sql.ts';
import { placed, placeOf } from './audit-place.ts';

/** Rows of one page: what is in memory at a time. */
const pageSize = 500;

interface EventRow {
  id: string;
  place: string;
  type: string;
  occurred_at: Date;
  is_own: boolean;
  ip: string | null;
  user_agent: string | null;
  client_id: string | null;
  data: Record<string, unknown>;
}

interface MailRow {
  id: string;
  kind: string;
  state: string;
  created_at: Date;
  /** As the database writes it: a Date would lose the microseconds. */
  place: string;
}

export function makeExportSource(database: Database): ExportSource {
  return {
    async factors(accountId) {
      const rows = await runSql<{ changed_at: Date }>(
        database,
        'select changed_at from password_credential where account_id = ?',
        [accountId],
      );
      return rows.map(({ changed_at: since }) => ({ type: 'password', since }));
    },

    async *events(accountId) {
      for (let after = ['0', '0']; ; ) {
        const rows = await runSql<EventRow>(
          database,
          `select id, ${placeOf('recorded_at')} as place, type, occurred_at, actor_kind = 'account' and actor_id = account_id as is_own,
             ip, user_agent, coalesce(client_id, actor_client_id) as client_id, data
           from audit_event where account_id = ? and (recorded_at, id) > (${placed}, ?::bigint) order by recorded_at, id limit ?`,
          [accountId, ...after, pageSize],
        );
        yield rows.map((row) => ({
          type: row.type,
          at: row.occurred_at,
          ip: row.is_own ? row.ip : null,
          userAgent: row.is_own ? row.user_agent : null,
          clientId: row.client_id,
          details: row.data,
        }));
        const last = rows.at(-1);
        if (last === undefined || rows.length < pageSize) return;
        after = [last.place, last.id];
      }
    },

    async *mails(accountId) {
      for (let after: [string, string] = ['-infinity', '']; ; ) {
        const rows = await runSql<MailRow>(
          database,
          `select id, kind, state, created_at, created_at::text as place from outbox_message
           where account_id = ? and kind <> 'backchannel_logout' and (created_at, id) > (?::timestamptz, ?)
           order by created_at, id limit ?`,
          [accountId, ...after, pageSize],
        );
        yield rows.map(({ kind, state, created_at: at }) => ({ kind, state, at }));
        const last = rows.at(-1);
        if (last === undefined || rows.length < pageSize) return;
        after = [last.place, last.id];
      }
    },
  };
}
