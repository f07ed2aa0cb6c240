import pg from 'pg';

/** What is in the database at the end, as far as an invariant asks for it. */
export interface Dump {
  accounts: {
    id: string;
    email: string | null;
    name: string;
    status: string;
    version: number;
    hasPassword: boolean;
  }[];
  clients: { id: string; name: string; version: number; secrets: number }[];
  artifacts: Artifact[];
  audit: { type: string; requestId: string | null; accountId: string | null; clientId: string | null }[];
}

/** A code, token, grant or session; what is presented is there as its SHA-256 in hex. */
export interface Artifact {
  model: string;
  hash: string;
  grantId: string | null;
  accountId: string | null;
  consumed: boolean;
  successor: string | null;
  replayAnswer: string | null;
}

/** Reads everything at one moment, so that what belongs together is seen together. */
export async function dumpDatabase(connection: pg.ClientConfig): Promise<Dump> {
  const client = new pg.Client(connection);
  await client.connect();
  const read = async <Row>(sql: string): Promise<Row[]> =>
    (await client.query<Row & pg.QueryResultRow>(sql)).rows;
  try {
    await client.query('begin isolation level repeatable read read only');
    const artifacts: Record<string, unknown>[] = [];
    for (const { name } of await read<{ name: string }>(artifactTables)) {
      const rows = await read<{ row: Record<string, unknown> }>(
        `select to_jsonb(artifact) as row from "${name}" artifact`,
      );
      artifacts.push(...rows.map(({ row }) => row));
    }
    return {
      accounts: await read(
        `select id, email, profile ->> 'name' as name, status, version,
           exists (select from password_credential where account_id = account.id) as "hasPassword" from account`,
      ),
      clients: await read(
        `select id, metadata ->> 'client_name' as name, version,
           (select count(*)::int from client_secret where client_id = client.id) as secrets from client`,
      ),
      artifacts: artifacts.map(toArtifact),
      audit: await read(
        `select type, request_id as "requestId", account_id as "accountId", client_id as "clientId"
         from audit_event order by id`,
      ),
    };
  } finally {
    await client.end();
  }
}

/** Every table that keeps something by the hash of what is presented, whatever the schema calls it; not its partitions. */
const artifactTables = `
  select c.relname as name from pg_class c join pg_attribute a on a.attrelid = c.oid
  where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
    and a.attname = 'id_hash' and not a.attisdropped order by 1`;

function toArtifact(row: Record<string, unknown>): Artifact {
  const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);
  const hex = (value: unknown): string | null => text(value)?.replace(/^\\x/, '') ?? null;
  return {
    model: text(row.model) ?? '',
    hash: hex(row.id_hash) ?? '',
    grantId: text(row.grant_id),
    accountId: text(row.account_id),
    consumed: typeof row.consumed_at === 'string',
    successor: hex(row.successor_hash),
    replayAnswer: text(row.replay_answer),
  };
}
