import pg from 'pg';
import { findSocketDirectory } from '../../../adapters/embedded/socket.ts';
import { makeSecrets, type RunningGatehouse, startGatehouse } from '../../support/gatehouse.ts';
import { basePathOfAdmin, type DescribedOperation, readOperations } from './operations.ts';

export type Where = 'PostgreSQL' | 'embedded database';

/** A server whose every operation can be called, with a look behind its back. */
export interface Stage {
  server: RunningGatehouse;
  operations: readonly DescribedOperation[];
  rows<Row extends Record<string, unknown>>(sql: string, values?: readonly unknown[]): Promise<Row[]>;
  /** Everything that is stored, by table, each row as text; without what the server does by itself at any time. */
  dump(): Promise<Record<string, string[]>>;
  dispose(): Promise<void>;
}

/** Nothing is removed and nothing is delivered while somebody looks. */
const quiet = {
  GATEHOUSE_JANITOR_INTERVAL: '1d',
  GATEHOUSE_SIGN_UP: 'open',
  // Nobody listens there, so that what is owed stays owed.
  GATEHOUSE_SMTP_URL: 'smtp://127.0.0.1:9',
  GATEHOUSE_MAIL_FROM: 'no-reply@id.example',
};

export async function openStage(where: Where, env: Record<string, string> = {}): Promise<Stage> {
  const server = await startGatehouse({
    database: where === 'PostgreSQL' ? 'postgres' : 'embedded',
    issuerPath: '',
    env: { ...makeSecrets(), ...quiet, ...env },
  });
  const client = new pg.Client(
    server.database === 'embedded'
      ? { host: findSocketDirectory(server.dataDir), user: 'postgres', database: 'postgres' }
      : { connectionString: server.database.superuserUrl },
  );
  await client.connect();
  const rows = async <Row extends Record<string, unknown>>(sql: string, values: readonly unknown[] = []) =>
    (await client.query<Row>(sql, [...values])).rows;
  return {
    server,
    operations: await readOperations(server.issuer, basePathOfAdmin),
    rows,
    dump: () => dump(rows),
    async dispose() {
      await client.end();
      await server.dispose();
    },
  };
}

/** What the server notes by itself: who does the work of all, how far the audit log is chained, what it tries to deliver. */
const own = ['lease', 'audit_chain', 'audit_checkpoint', 'audit_head', 'audit_queue'];
const restless: Readonly<Record<string, string>> = {
  // How far a job is.
  bulk_job: 'to_jsonb(t.id)',
  bulk_row: "to_jsonb(t) - '{operation_encrypted,status,object_id,problem}'::text[]",
  outbox_message: "to_jsonb(t) - '{attempts,due_at,held_until,last_error}'::text[]",
};

async function dump(
  rows: <Row extends Record<string, unknown>>(sql: string) => Promise<Row[]>,
): Promise<Record<string, string[]>> {
  const tables = await rows<{ name: string }>(
    `select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
       and not relispartition order by 1`,
  );
  const dumped: Record<string, string[]> = {};
  for (const { name } of tables.filter((table) => !own.includes(table.name))) {
    const found = await rows<{ row: string }>(
      `select (${restless[name] ?? 'to_jsonb(t)'})::text as row from "${name}" t order by 1`,
    );
    dumped[name] = found.map(({ row }) => row);
  }
  return dumped;
}
