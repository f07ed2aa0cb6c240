import { afterAll, beforeAll, expect, it } from '@jest/globals';
import pg from 'pg';
import { openDatabase } from '../../adapters/postgres/connection/database.ts';
import { makeMigrator } from '../../adapters/postgres/connection/migrate.ts';
import { makeAccountStore } from '../../adapters/postgres/stores/account-store.ts';
import { createDatabase, type TestDatabase } from '../support/postgres.ts';
import { type StatementTap, startStatementTap } from '../support/statement-tap.ts';
import { openPlanner, type Planner, partsOf } from './plan.ts';

/** GATEHOUSE_TEST_ACCOUNTS=1000000 takes two minutes. */
const accounts = Number(process.env.GATEHOUSE_TEST_ACCOUNTS ?? 100_000);

const fill = `
with made as (
  insert into account (id, email, search_name, status, created_at, updated_at)
  select 'account-' || n, chr(97 + n % 26) || 'person.' || n || '@example.org', 'name ' || n, 'active',
    now() - n * interval '1 second', now() from generate_series(1, ${accounts}) n
  returning id, email
), named as (
  insert into login_name (account_id, kind, name) select id, 'email', email from made
), given as (
  insert into role (name, description, created_at) values ('support', 'Answers questions', now()) returning name
)
insert into account_role (account_id, role_name, granted_at) select id, name, now() from made, given`;

let test: TestDatabase;
let tap: StatementTap;
let database: ReturnType<typeof openDatabase>;
let planner: Planner;
beforeAll(async () => {
  test = await createDatabase();
  tap = await startStatementTap(Number(new URL(test.url).port));
  const timeouts = { acquireTimeout: 10_000, connectTimeout: 10_000, statementTimeout: 60_000 };
  database = openDatabase({ where: { kind: 'url', url: tap.urlOf(test.url) }, poolMax: 1, ...timeouts });
  await makeMigrator(database, new URL('../../migrations/', import.meta.url)).up();
  const owner = new pg.Client({ connectionString: test.superuserUrl });
  await owner.connect();
  await owner.query(fill);
  await owner.query('vacuum analyze');
  await owner.end();
  planner = await openPlanner(test.superuserUrl);
}, 600_000);
afterAll(async () => {
  await planner.end();
  await database.close();
  await tap.close();
  await test.drop();
});

it(`finds 50 of ${accounts.toLocaleString('en')} users by how their address begins in one statement, by index only`, async () => {
  const store = makeAccountStore(database);
  const query = { limit: 50, emailPrefix: 'P', order: { by: 'email', descending: false } } as const;
  const first = await store.list(query);
  const before = tap.statements().length;
  const { items } = await store.list({ ...query, after: first.next ?? '' });
  const sent = tap.statements().slice(before);
  expect(items).toHaveLength(50);
  expect(items.every(({ email }) => email?.startsWith('p'))).toBe(true);
  expect(sent).toHaveLength(1);
  const [statement] = sent;
  if (statement === undefined) throw new Error('nothing was asked');
  const nodes = [...partsOf(await planner.withValues(statement))].map(({ node }) => node);
  const scans = nodes.filter((node) => node['Node Type'].endsWith('Scan'));
  expect(scans.filter((node) => !/Index/.test(node['Node Type']))).toEqual([]);
  // The addresses are read off the index alone, in their order: nothing is sorted, and no more is read than the page has.
  const names = scans.filter((node) => node['Relation Name'] === 'login_name');
  expect(names.map((node) => node['Node Type'])).toEqual(['Index Only Scan']);
  expect(nodes.filter((node) => node['Node Type'].includes('Sort'))).toEqual([]);
});
