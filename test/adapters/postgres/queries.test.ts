import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { someTime } from '../../contracts/builders.ts';
import { openStores, type Stores } from '../../contracts/stores.ts';

interface Statement {
  sql: string;
  bindings: unknown[];
}

describe('statements of the stores on 20,000 accounts and clients', () => {
  let stores: Stores;
  beforeAll(async () => {
    stores = await openStores('PostgreSQL');
    const db = stores.database.current();
    await db.raw(
      `insert into account (id, email, search_name, status, created_at, updated_at)
      select 'a' || n, 'person' || n || '@example.com', 'given' || n || ' family', 'active', ?, ?
      from generate_series(1, 20000) as n`,
      [someTime, someTime],
    );
    await db.raw(`insert into login_name (name, account_id, kind)
      select 'person' || n || '@example.com', 'a' || n, 'email' from generate_series(1, 20000) as n`);
    await db.raw(`insert into account_role (account_id, role_name, granted_at)
      select 'a' || n, 'admin', now() from generate_series(1, 200) as n`);
    await db.raw(
      `insert into client (id, metadata, search_name, created_at, updated_at)
      select 'Client' || n, '{}', 'app' || n, ?, ? from generate_series(1, 20000) as n`,
      [someTime, someTime],
    );
    await db.raw(
      `insert into client_secret (id, client_id, hash, created_at)
      select 's' || n, 'Client' || n, 'hash', ? from generate_series(1, 5000) as n`,
      [someTime],
    );
    await db.raw('analyze');
  }, 60_000);
  afterAll(() => stores.close());

  /** The statements that `work` sends. */
  async function observe(work: () => Promise<unknown>): Promise<Statement[]> {
    const statements: Statement[] = [];
    const note = ({ sql, bindings }: Statement) => statements.push({ sql, bindings });
    const pool = stores.database.current();
    pool.on('query', note);
    await work();
    pool.removeListener('query', note);
    return statements;
  }

  async function planOf({ sql, bindings }: Statement): Promise<string> {
    const client = await stores.database.current().client.acquireConnection();
    try {
      const { rows } = await client.query(`explain ${sql}`, bindings);
      return rows.map((row: Record<string, string>) => row['QUERY PLAN']).join('\n');
    } finally {
      await stores.database.current().client.releaseConnection(client);
    }
  }

  const reads: [string, () => Promise<unknown>, string[]][] = [
    ['a page of accounts', () => stores.accounts.list({ limit: 50 }), ['account_page']],
    [
      'a search of accounts',
      () => stores.accounts.list({ limit: 50, search: 'person777' }),
      ['login_name_pkey', 'account_by_search_name'],
    ],
    [
      'an account by address',
      () => stores.accounts.list({ limit: 1, email: 'person7@example.com' }),
      ['login_name_pkey'],
    ],
    [
      'an account by login name',
      () => stores.accounts.findByLoginName('person7@example.com'),
      ['login_name_pkey'],
    ],
    ['a page of clients', () => stores.clients.list({ limit: 50 }), ['client_page']],
    [
      'a search of clients',
      () => stores.clients.list({ limit: 50, search: 'client777' }),
      ['client_by_name_page', 'client_by_folded_id'],
    ],
    [
      'a client with its secrets',
      () => stores.clients.findWithSecrets('Client7'),
      ['client_pkey', 'client_secret_by_client'],
    ],
  ];

  it.each(reads)('reads %s in one statement and by index', async (_what, read, indexes) => {
    const statements = await observe(read);
    expect(statements).toHaveLength(1);
    const plan = await planOf(statements[0] ?? { sql: '', bindings: [] });
    for (const index of indexes) expect(plan).toContain(index);
    expect(plan).not.toMatch(/Seq Scan on (account|login_name|client)\b/);
  });

  it('goes to a late page as fast as to the first: no offset', async () => {
    const { next } = await stores.accounts.list({ limit: 15_000 });
    const [statement] = await observe(() => stores.accounts.list({ limit: 50, after: next ?? '' }));
    expect(statement?.sql).not.toMatch(/offset/i);
    await expect(planOf(statement ?? { sql: '', bindings: [] })).resolves.toMatch(
      /Index Scan using account_page.*\n\s+Index Cond: \(ROW\(created_at, id\) > /,
    );
  });
});
