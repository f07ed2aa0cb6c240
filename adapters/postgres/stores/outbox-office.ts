import type { Clock } from '../../../server/clock.ts';
import type { MessageState, OutboxEntry, OutboxOffice } from '../../../server/outbox/outbox-store.ts';
import type { Database } from '../connection/database.ts';
import { runSql } from '../connection/run-sql.ts';
import { pageAfter, toPage } from './paging.ts';

interface EntryRow {
  id: string;
  kind: string;
  account_id: string | null;
  state: MessageState;
  created_at: Date;
  due_at: Date;
  expires_at: Date | null;
  attempts: number;
  finished_at: Date | null;
  last_error: string | null;
}

const columns = [
  'id',
  'kind',
  'account_id',
  'state',
  'created_at',
  'due_at',
  'expires_at',
  'attempts',
  'finished_at',
  'last_error',
];

/** The table of outbox.ts, without what is sealed in it. */
export function makeOutboxOffice(
  database: Database,
  { clock, onAdded }: { clock: Clock; onAdded: () => void },
) {
  return {
    async list({ limit, after, state, kind, accountId }) {
      const query = database.current()('outbox_message').select(columns);
      if (state !== undefined) void query.where({ state });
      if (kind !== undefined) void query.where({ kind });
      if (accountId !== undefined) void query.where({ account_id: accountId });
      pageAfter(query, after, limit);
      const rows: EntryRow[] = await query;
      return toPage(rows.map(toEntry), limit);
    },

    async find(id) {
      const row: EntryRow | undefined = await database
        .current()('outbox_message')
        .where({ id })
        .first(columns);
      return row && toEntry(row);
    },

    async retry(id) {
      const rows = await runSql(
        database,
        `update outbox_message set state = 'waiting', due_at = ?, finished_at = null, attempts = 0
         where id = ? and state = 'dead' and payload_encrypted is not null returning 1`,
        [clock.now(), id],
      );
      if (rows.length === 1) onAdded();
      return rows.length === 1;
    },

    async discard(id) {
      const now = clock.now();
      const rows = await runSql(
        database,
        `update outbox_message set state = 'discarded', finished_at = ?, payload_encrypted = null, held_until = null
         where id = ? and (state = 'dead' or (state = 'waiting' and (held_until is null or held_until <= ?)))
         returning 1`,
        [now, id, now],
      );
      return rows.length === 1;
    },

    async depth() {
      const [row] = await runSql<{ waiting: number; dead: number; oldest: Date | null }>(
        database,
        `select (select count(*) from outbox_message where state = 'waiting')::int as waiting,
           (select count(*) from outbox_message where state = 'dead' and finished_at is not null)::int as dead,
           (select min(due_at) from outbox_message where state = 'waiting') as oldest`,
        [],
      );
      const { waiting = 0, dead = 0, oldest = null } = row ?? {};
      return { waiting, dead, oldestDue: oldest };
    },

    /** Ends what waits and is of no use any more; what was in it is forgotten. Returns how many. */
    async expireWaiting(now: Date, most: number): Promise<number> {
      const rows = await runSql(
        database,
        `update outbox_message set state = 'expired', finished_at = ?, payload_encrypted = null, held_until = null
         where id = any (array(
           select id from outbox_message
           where state = 'waiting' and expires_at < ? and (held_until is null or held_until <= ?)
           order by expires_at limit ? for update skip locked
         )) returning 1`,
        [now, now, now, most],
      );
      return rows.length;
    },

    /** Removes what was finished before then. Returns how many. */
    async forgetFinished(before: Date, most: number): Promise<number> {
      const rows = await runSql(
        database,
        `delete from outbox_message where id = any (array(
           select id from outbox_message where finished_at < ? order by finished_at limit ? for update skip locked
         )) returning 1`,
        [before, most],
      );
      return rows.length;
    },
  } satisfies OutboxOffice & Record<string, unknown>;
}

const toEntry = (row: EntryRow): OutboxEntry => ({
  id: row.id,
  kind: row.kind,
  accountId: row.account_id,
  state: row.state,
  createdAt: row.created_at,
  dueAt: row.due_at,
  expiresAt: row.expires_at,
  attempts: row.attempts,
  finishedAt: row.finished_at,
  lastError: row.last_error,
});
