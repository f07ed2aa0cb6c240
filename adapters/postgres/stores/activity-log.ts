import type { ActivityLog, ActivityRow } from '../../../server/audit/activity.ts';
import type { Database } from '../connection/database.ts';
import { runSql } from '../connection/run-sql.ts';

interface Row {
  id: string;
  occurred_at: Date;
  type: string;
  actor_kind: string;
  actor_id: string | null;
  client_id: string | null;
  ip: string | null;
  user_agent: string | null;
  data: Record<string, unknown>;
}

/** The place of the newest event that could be. */
const end = '9223372036854775807';

function toActivity(row: Row, accountId: string): ActivityRow {
  const isSelf = row.actor_kind === 'account' && row.actor_id === accountId;
  const by = isSelf ? 'self' : row.actor_kind === 'anonymous' ? 'anonymous' : 'other';
  return {
    id: row.id,
    at: row.occurred_at,
    type: row.type,
    by,
    clientId: row.client_id,
    ip: by === 'other' ? null : row.ip,
    userAgent: by === 'other' ? null : row.user_agent,
    data: row.data,
  };
}

/** Reads the audit log by its index of accounts. */
export function makeActivityLog(database: Database): ActivityLog {
  return {
    async page(accountId, { types, before, limit }) {
      const rows = await runSql<Row>(
        database,
        `select id, occurred_at, type, actor_kind, actor_id, client_id, ip, user_agent, data from audit_event
         where account_id = ? and id < ?::bigint and type = any (?) order by id desc limit ?`,
        [accountId, before ?? end, types, limit],
      );
      return rows.map((row) => toActivity(row, accountId));
    },
  };
}
