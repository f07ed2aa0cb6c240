import type {
  SupportSession,
  SupportSessionStore,
} from '../../../server/sessions/support/support-session.ts';
import type { Database } from '../connection/database.ts';
import { runSql } from '../connection/run-sql.ts';

interface SupportSessionRow {
  id: string;
  operator_id: string;
  account_id: string;
  reason: string;
  minutes: number;
  asked_at: Date;
  begin_until: Date;
  begun_at: Date | null;
  ends_at: Date | null;
  entered_at: Date | null;
  ended_at: Date | null;
}

const columns =
  'id, operator_id, account_id, reason, minutes, asked_at, begin_until, begun_at, ends_at, entered_at, ended_at';

export function makeSupportSessionStore(database: Database): SupportSessionStore {
  const one = async (sql: string, values: readonly unknown[]): Promise<SupportSession | undefined> => {
    const [row] = await runSql<SupportSessionRow>(database, sql, values);
    return row && toSupportSession(row);
  };
  return {
    async insert({ id, operatorId, accountId, reason, minutes, askedAt, beginUntil }) {
      await runSql(
        database,
        `insert into support_session (id, operator_id, account_id, reason, minutes, asked_at, begin_until)
         values (?, ?, ?, ?, ?, ?, ?)`,
        [id, operatorId, accountId, reason, minutes, askedAt, beginUntil],
      );
    },

    find: (id) => one(`select ${columns} from support_session where id = ?`, [id]),

    async listOf(accountId) {
      const rows = await runSql<SupportSessionRow>(
        database,
        `select ${columns} from support_session where account_id = ? order by asked_at desc limit 200`,
        [accountId],
      );
      return rows.map(toSupportSession);
    },

    begin: (id, operatorId, now) =>
      one(
        `update support_session set begun_at = ?::timestamptz, ends_at = ?::timestamptz + make_interval(mins => minutes)
         where id = ? and operator_id = ? and begun_at is null and ended_at is null and begin_until > ?
         returning ${columns}`,
        [now, now, id, operatorId, now],
      ),

    async enter(id, operatorId, { now, begunAfter }) {
      const [row] = await runSql<SupportSessionRow & { sessions_ended_at: string | null }>(
        database,
        `update support_session set entered_at = ?::timestamptz
         where id = ? and operator_id = ? and entered_at is null and ended_at is null
           and begun_at > ?
         returning ${columns},
           (select sessions_ended_at::text from account where account.id = account_id) as sessions_ended_at`,
        [now, id, operatorId, begunAfter],
      );
      return row && { session: toSupportSession(row), sessionsEndedAt: row.sessions_ended_at };
    },

    async end(id, accountId, now) {
      const ended = await runSql(
        database,
        `update support_session set ended_at = ?::timestamptz
         where id = ? and account_id = ? and ended_at is null and coalesce(ends_at, begin_until) > ? returning 1`,
        [now, id, accountId, now],
      );
      return ended.length === 1;
    },

    async forgetBefore(time, most) {
      const gone = await runSql(
        database,
        `delete from support_session where id = any (array(
           select id from support_session where asked_at < ? order by asked_at limit ? for update skip locked
         )) returning 1`,
        [time, most],
      );
      return gone.length;
    },
  };
}

function toSupportSession(row: SupportSessionRow): SupportSession {
  return {
    id: row.id,
    operatorId: row.operator_id,
    accountId: row.account_id,
    reason: row.reason,
    minutes: row.minutes,
    askedAt: row.asked_at,
    beginUntil: row.begin_until,
    begunAt: row.begun_at,
    endsAt: row.ends_at,
    enteredAt: row.entered_at,
    endedAt: row.ended_at,
  };
}
