import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { type Database, openDatabase } from '../../adapters/postgres/connection/database.ts';
import { makeMigrator } from '../../adapters/postgres/connection/migrate.ts';
import { makeAuditReader } from '../../adapters/postgres/stores/audit-reader.ts';
import type { AuditFilter, AuditReader } from '../../server/audit/audit-reader.ts';
import { createDatabase, type TestDatabase } from '../support/postgres.ts';
import { growingParts } from './growth.ts';

const rows = 1_000_000;

/** A person in a thousand, a client in a hundred and a type in fifty have each event; they lie in three months. */
const fill = `
  insert into audit_event (recorded_at, occurred_at, type, actor_kind, data)
  select now() - n * interval '25 days', now(), 'signout', 'system', '{}' from generate_series(1, 3) n;
  insert into audit_chain (seq, chained_at, event_id, recorded_at, key_id, mac)
  select -id, recorded_at, id, recorded_at, 'made', '\\x00' from audit_event;
  select make_audit_months(2);
  insert into audit_event (recorded_at, occurred_at, type, actor_kind, actor_id, account_id, client_id, ip, request_id, data)
  select at, at, case when n % 50 = 0 then 'user.updated' else 'signin.succeeded' end, case when n % 3 = 0 then 'account' else 'anonymous' end,
    case when n % 3 = 0 then 'person-' || n % 1000 end, 'person-' || n % 1000, 'client-' || n % 100, '192.0.2.' || n % 250, 'request-' || n, '{}'
  from generate_series(1, ${rows}) n, lateral (select now() - (${rows} - n) * interval '5 seconds' as at) made;
  insert into audit_chain (seq, chained_at, event_id, recorded_at, key_id, mac)
  select row_number() over (order by id), recorded_at, id, recorded_at, 'made', '\\x00' from audit_event where id > 3;
  delete from audit_queue;
  analyze audit_event; analyze audit_chain`;

interface Sent {
  text: string;
  values: readonly unknown[];
}

describe(`the audit log with ${rows.toLocaleString('en-US')} events`, () => {
  let made: TestDatabase;
  let database: Database;
  let reader: AuditReader;
  let client: pg.Client;
  const sent: Sent[] = [];
  beforeAll(async () => {
    made = await createDatabase();
    const timeouts = { acquireTimeout: 10_000, connectTimeout: 10_000, statementTimeout: 10_000 };
    database = openDatabase({ where: { kind: 'url', url: made.url }, poolMax: 1, ...timeouts });
    await makeMigrator(database, new URL('../../migrations/', import.meta.url)).up();
    client = new pg.Client({ connectionString: made.superuserUrl });
    await client.connect();
    await client.query(`set synchronous_commit = off; ${fill}`);
    const noting: Database = {
      ...database,
      run(text, values) {
        sent.push({ text, values });
        return database.run(text, values);
      },
    };
    reader = makeAuditReader(noting);
  }, 240_000);
  afterAll(async () => {
    await client.end();
    await database.close();
    await made.drop();
  });

  /** What was sent since, as PostgreSQL does it. */
  const partsThatGrow = async (): Promise<string[]> => {
    const found: string[] = [];
    for (const { text, values } of sent.splice(0)) {
      let place = 0;
      const numbered = text.replaceAll('?', () => `$${++place}`);
      const plan = await client.query({ text: `explain (format json) ${numbered}`, values: [...values] });
      found.push(...growingParts(plan.rows[0]['QUERY PLAN'][0].Plan));
    }
    return found;
  };
  const day = (days: number) => new Date(Date.now() - days * 86_400_000);

  it.each<[string, AuditFilter]>([
    ['all of it', {}],
    ['a person', { person: 'person-7' }],
    ['a client', { client: 'client-7' }],
    ['an actor', { actor: 'person-9' }],
    ['a type that is common', { types: ['signin.succeeded'] }],
    ['types that there are not', { types: ['user.deleted', 'user.created', 'client.deleted'] }],
    ['an address', { ips: ['192.0.2.7', '192.0.2.0/24'] }],
    ['a request', { requestId: 'request-999' }],
    ['a day', { from: day(21), to: day(20) }],
    ['a client on a day', { client: 'client-7', from: day(21), to: day(20) }],
    ['a client and a type', { client: 'client-50', types: ['user.updated'] }],
    ['a person and an address', { person: 'person-7', ips: ['192.0.2.8'] }],
  ])('is searched by %s along an index, in a moment', async (_what, filter) => {
    for (const order of ['newest', 'oldest'] as const) {
      const first = await reader.page({ ...filter, order, limit: 50 });
      const began = performance.now();
      if (first.next !== null) await reader.page({ ...filter, order, limit: 50, after: first.next });
      // A busy machine must not be taken for a statement that reads everything: that takes seconds.
      expect(performance.now() - began).toBeLessThan(1000);
    }
    await expect(partsThatGrow()).resolves.toEqual([]);
  });

  it('is exported along its chain', async () => {
    const { items } = await reader.chained({}, 500_000, 1000);
    expect(items.map(({ sequence }) => sequence)).toEqual(
      Array.from({ length: 1000 }, (_, index) => 500_001 + index),
    );
    const some = await reader.chained({ person: 'person-7' }, 999_000, 1000);
    expect(some).toMatchObject({ items: [{ accountId: 'person-7' }], last: 1_000_000 });
    await expect(partsThatGrow()).resolves.toEqual([]);
  });

  it('tells one event by its id', async () => {
    await expect(reader.find('500003')).resolves.toMatchObject({ sequence: 500_000 });
    await expect(partsThatGrow()).resolves.toEqual([]);
  });
});
