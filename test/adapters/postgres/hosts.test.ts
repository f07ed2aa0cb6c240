import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type Database, openDatabase } from '../../../adapters/postgres/connection/database.ts';
import { assertReachable } from '../../../adapters/postgres/connection/start-checks.ts';
import { query } from '../../support/postgres-cluster.ts';
import { makePostgresServer, type PostgresServer } from '../../support/postgres-server.ts';
import { waitFor } from '../../support/wait-for.ts';

const opened: Database[] = [];
afterEach(async () => {
  for (const database of opened.splice(0)) await database.close();
});

function open(...servers: PostgresServer[]): Database {
  const hosts = servers.map(({ port }) => `127.0.0.1:${port}`).join(',');
  const database = openDatabase({
    where: { kind: 'url', url: `postgres://gatehouse@${hosts}/gatehouse?target_session_attrs=read-write` },
    poolMax: 4,
    acquireTimeout: 5000,
    connectTimeout: 4000,
    statementTimeout: 5000,
  });
  opened.push(database);
  return database;
}

const ask = async (database: Database, sql: string) => (await database.current().raw(sql)).rows;
const portOf = async (database: Database): Promise<number> =>
  (await ask(database, `select current_setting('port')::int as port`))[0].port;
const write = (database: Database) => ask(database, 'insert into written values (now())');
const writes = (database: Database) =>
  write(database).then(
    () => true,
    () => false,
  );

describe('one server', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await makePostgresServer();
    await query(server.database.superuserUrl, 'set role gatehouse; create table written (at timestamptz)');
  }, 60_000);
  afterAll(() => server.dispose());

  it.each(['fast', 'immediate'] as const)(
    'that is started again (%s) is used again by itself',
    async (how) => {
      const database = open(server);
      await Promise.all([1, 2, 3].map(() => write(database)));
      await server.stop(how);
      await expect(write(database)).rejects.toMatchObject({ code: 'unavailable' });
      await server.start();
      await waitFor('it takes writes', () => writes(database), { within: 5000 });
      expect(database.pool()).toMatchObject({ used: 0, waiting: 0 });
    },
  );

  it('that no longer takes writes is neither written to nor read from, until it does', async () => {
    const database = open(server);
    await Promise.all([1, 2, 3].map(() => write(database)));
    await setReadOnly(server, 'on');
    await waitFor('it refuses writes', async () => !(await writes(database)));
    // The other sessions of the pool were not asked; none of them is trusted any more.
    for (let session = 0; session < 3; session += 1)
      await expect(ask(database, 'select 1')).rejects.toMatchObject({
        code: 'unavailable',
        detail: expect.stringContaining('takes no writes'),
      });
    await setReadOnly(server, 'off');
    await waitFor('it takes writes', () => writes(database), { within: 5000 });
  });
});

async function setReadOnly(server: PostgresServer, value: 'on' | 'off'): Promise<void> {
  await query(server.database.superuserUrl, `alter system set default_transaction_read_only = ${value}`);
  await query(server.database.superuserUrl, 'select pg_reload_conf()');
}

describe('a primary and its standby', () => {
  let first: PostgresServer;
  let second: PostgresServer;
  beforeAll(async () => {
    first = await makePostgresServer();
    await query(first.database.superuserUrl, 'set role gatehouse; create table written (at timestamptz)');
    second = await first.standby(first.port);
  }, 60_000);
  afterAll(async () => {
    await second.dispose();
    await first.dispose();
  });

  it('are named in any order: the one that takes writes is used', async () => {
    await expect(portOf(open(first, second))).resolves.toBe(first.port);
    await expect(portOf(open(second, first))).resolves.toBe(first.port);
  });

  it('are refused at the start when only the standby is named, and what to do', async () => {
    await expect(assertReachable(open(second), 'db')).rejects.toMatchObject({
      message: expect.stringMatching(/^The database db cannot be used: .*takes no writes/),
      remedy: expect.stringMatching(/^Name the primary, or all servers/),
    });
  });

  it('are asked in turn when the first one does not answer', async () => {
    second.freeze();
    const began = performance.now();
    await expect(portOf(open(second, first))).resolves.toBe(first.port);
    expect(performance.now() - began).toBeLessThan(4000);
    second.thaw();
  });

  it('change their places: the standby that was promoted is used, the old primary is not, when it is back', async () => {
    const database = open(first, second);
    const alone = open(first);
    await Promise.all([1, 2, 3].map(() => write(database)));
    await first.stop('fast');
    await expect(write(database)).rejects.toMatchObject({ code: 'unavailable' });
    await second.promote();
    await waitFor('the new primary is written to', () => writes(database), { within: 5000 });
    await expect(portOf(database)).resolves.toBe(second.port);
    // As a cluster manager brings an old primary back.
    writeFileSync(join(first.data, 'standby.signal'), '');
    await first.start();
    await expect(portOf(open(first, second))).resolves.toBe(second.port);
    await expect(ask(alone, 'select 1')).rejects.toMatchObject({
      code: 'unavailable',
      detail: expect.stringContaining('takes no writes'),
    });
  });

  it('with sessions on one that is no longer written to, writes go to the other', async () => {
    // Both are primaries now, after a fashion: the old one was told to refuse before it was cut off.
    const database = open(second, first);
    await Promise.all([1, 2, 3].map(() => write(database)));
    await first.promote();
    await setReadOnly(second, 'on');
    await waitFor('it is written to the other', () => writes(database), { within: 5000 });
    await expect(portOf(database)).resolves.toBe(first.port);
  });
});
