import type { ActivityLog, ActivityRow } from '../../../server/audit/activity.ts';
import type { Database } from '../connection/database.ts';
import { runSql } from '../connection/run-sql.ts';
import { decodePlace, encodePlace, placed, placeOf } from './audit-place.ts';

interface Row {
  id: string;
  place: string;
  occurred_at: Date;
  type: string;
  actor_kind: string;
  actor_id: string | null;
  client_id: string | null;
  ip: string | null;
  user_agent: string | null;
  data: Record<string, unknown>;
}

function toActivity(row: Row, accountId: string): ActivityRow {
  const isSelf = row.actor_kind === 'account' && row.actor_id === accountId;
  const by = isSelf ? 'self' : row.actor_kind === 'anonymous' ? 'anonymous' : 'other';
  return {
    id: encodePlace({ recordedAt: row.place, id: row.id }),
    at: row.occurred_at,
    type: row.type,
    by,
    clientId: row.client_id,
    // A code is nothing that somebody would recognise.
    ip: by === 'other' || row.ip?.startsWith('keyed:') === true ? null : row.ip,
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
        `select id, ${placeOf('recorded_at')} as place, occurred_at, type, actor_kind, actor_id, client_id, ip, user_agent, data
         from audit_event where account_id = ? ${before === undefined ? '' : earlier} and type = any (?)
         order by recorded_at desc, id desc limit ?`,
        [accountId, ...placeValues(before), types, limit],
      );
      return rows.map((row) => toActivity(row, accountId));
    },
  };
}

const earlier = `and (recorded_at, id) < (${placed}, ?::bigint)`;

function placeValues(before: string | undefined): string[] {
  if (before === undefined) return [];
  const { recordedAt, id } = decodePlace(before);
  return [recordedAt, id];
}
