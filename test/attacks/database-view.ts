import pg from 'pg';
import type { TestDatabase } from '../support/postgres.ts';

/** One row of the audit log. */
export interface AuditRow {
  id: string;
  type: string;
  actor_kind: string;
  actor_id: string | null;
  client_id: string | null;
  account_id: string | null;
  ip: string | null;
  request_id: string | null;
  data: Record<string, unknown>;
}

/** A look behind the server's back. */
export interface DatabaseView {
  /** How many rows each table has. */
  counts(): Promise<Record<string, number>>;
  /** Audit rows that came after the one with this id, oldest first. */
  auditAfter(id: string): Promise<AuditRow[]>;
  lastAuditId(): Promise<string>;
  rows(sql: string): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
}

/** What every event of the audit log gets by and by. */
const chained = `'audit_queue', 'audit_chain', 'audit_head', 'audit_checkpoint'`;
/** Why requests were refused is noted a moment later, by a process on its own time. */
const noted = `'client_error'`;

export async function viewDatabase(database: TestDatabase): Promise<DatabaseView> {
  const client = new pg.Client({ connectionString: database.superuserUrl });
  await client.connect();
  const tables = await client.query<{ name: string }>(
    `select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
       and not relispartition and relname not in (${chained}, ${noted})`,
  );
  const counting = tables.rows
    .map(({ name }) => `select '${name}' as name, count(*)::int as rows from "${name}"`)
    .join(' union all ');
  return {
    async counts() {
      const { rows } = await client.query<{ name: string; rows: number }>(counting);
      return Object.fromEntries(rows.map((row) => [row.name, row.rows]));
    },
    async auditAfter(id) {
      const { rows } = await client.query<AuditRow>(
        `select id, type, actor_kind, actor_id, client_id, account_id, ip, request_id, data
         from audit_event where id > $1 order by id`,
        [id],
      );
      return rows;
    },
    async lastAuditId() {
      const { rows } = await client.query<{ id: string }>(
        'select coalesce(max(id), 0) as id from audit_event',
      );
      return rows[0]?.id ?? '0';
    },
    rows: async (sql) => (await client.query<Record<string, unknown>>(sql)).rows,
    close: () => client.end(),
  };
}
