import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Database, openDatabase } from '../../../adapters/postgres/connection/database.ts';
import { makeMigrator } from '../../../adapters/postgres/connection/migrate.ts';
import { adviceFor, assertReachable } from '../../../adapters/postgres/connection/start-checks.ts';
import { type Pooler, startPooler } from '../../support/pgbouncer.ts';
import { createDatabase, type TestDatabase } from '../../support/postgres.ts';
import { query } from '../../support/postgres-cluster.ts';
import { waitFor } from '../../support/wait-for.ts';

let place: TestDatabase;
let pooler: Pooler;
let url: string;
const opened: Database[] = [];
beforeAll(async () => {
  place = await createDatabase();
  pooler = await startPooler(Number(new URL(place.url).port), 2);
  url = pooler.urlOf(place.url);
});
afterAll(async () => {
  for (const database of opened) await database.close();
  await pooler.stop();
  await place.drop();
});

function open(pooled: 'none' | 'transaction' = 'transaction'): Database {
  const database = openDatabase({
    where: { kind: 'url', url },
    pooler: pooled,
    poolMax: 8,
    acquireTimeout: 10_000,
    connectTimeout: 5000,
    statementTimeout: 1000,
  });
  opened.push(database);
  return database;
}

const nameOf = () => new URL(place.url).pathname.slice(1);
const setForRole = (sql: string) =>
  query(place.superuserUrl, `alter role gatehouse in database ${nameOf()} ${sql}`);

const refusal = (database: Database) =>
  assertReachable(database, 'db').then(
    () => 'accepted',
    ({ message, remedy }: { message: string; remedy: string }) => `${message} | ${remedy}`,
  );

const ask = async (database: Database, sql: string, values: readonly string[] = []) =>
  (await database.current().raw(sql, values)).rows;

/** Ends the connections that the pooler keeps, so that the next ones have what was set for the role meanwhile. */
const endSessions = () =>
  query(
    place.superuserUrl,
    `select pg_terminate_backend(pid, 5000) from pg_stat_activity where usename = 'gatehouse' and datname = current_database()`,
  );

describe('a pooler in transaction mode', () => {
  it('that nobody has told of is noticed at the start', async () => {
    await expect(refusal(open('none'))).resolves.toMatch(
      /cannot be reached: 08P01 unsupported startup parameter: .*GATEHOUSE_DATABASE_POOLER=transaction/,
    );
  });

  it('is refused while the role acknowledges what a crash may undo', async () => {
    await expect(refusal(open())).resolves.toMatch(
      /cannot be used: .*synchronous_commit is off.* \| As a superuser: alter role .* set synchronous_commit = on/,
    );
    await setForRole('set synchronous_commit = on');
    await endSessions();
    await expect(refusal(open())).resolves.toBe('accepted');
  });

  it('tells what the server cannot be told by a session: the time limits', async () => {
    const wanted = { statement_timeout: 1000, idle_in_transaction_session_timeout: 2000 };
    const advice = await adviceFor(open(), wanted);
    expect(advice).toHaveLength(2);
    for (const sentence of advice) {
      const [, name, value] = /alter role "gatehouse" set (\w+) = '(\d+ms)'/.exec(sentence) ?? [];
      await setForRole(`set ${name} = '${value}'`);
    }
    await endSessions();
    await expect(adviceFor(open(), wanted)).resolves.toEqual([]);
  });
});

describe('behind it', () => {
  it('transactions stay whole, and statements with values do not mix, on fewer connections than callers', async () => {
    const database = open();
    await ask(database, 'create table account_of (name text primary key, seen integer not null)');
    const work = async (name: string) => {
      for (let round = 0; round < 10; round += 1) {
        await database.inTransaction(async () => {
          await ask(
            database,
            'insert into account_of values (?, 1) on conflict (name) do update set seen = account_of.seen + 1',
            [name],
          );
          const [row] = await ask(database, 'select name, seen from account_of where name = ?', [name]);
          expect(row).toEqual({ name, seen: round + 1 });
        });
        await expect(ask(database, `select ?::text as said${round}`, [name])).resolves.toEqual([
          { [`said${round}`]: name },
        ]);
      }
    };
    await Promise.all(Array.from({ length: 30 }, (_, index) => work(`caller ${index}`)));
    await ask(database, 'drop table account_of');
  });

  it('nothing is left on a session: no prepared statement, no lock, no setting', async () => {
    const database = open();
    await makeMigrator(database, new URL('../../../migrations/', import.meta.url)).up();
    const looks = Array.from({ length: 10 }, () =>
      ask(
        database,
        `select (select count(*)::int from pg_prepared_statements) as prepared,
          (select count(*)::int from pg_locks where locktype = 'advisory') as locks,
          (select count(*)::int from pg_settings where source = 'session' and name not in ('client_encoding', 'application_name')) as settings,
          pg_sleep(0.05)`,
      ),
    );
    for (const [row] of await Promise.all(looks))
      expect(row).toMatchObject({ prepared: 0, locks: 0, settings: 0 });
  });

  it('a statement that takes too long is given up by the server, as its role says', async () => {
    const slow = ask(open(), 'select pg_sleep(5)');
    await expect(slow).rejects.toMatchObject({
      code: 'unavailable',
      detail: expect.stringContaining('57014'),
    });
  });

  it('and by this side, where the role says nothing', async () => {
    await setForRole('reset statement_timeout');
    await endSessions();
    const database = open();
    await expect(ask(database, 'select pg_sleep(5)')).rejects.toMatchObject({
      code: 'unavailable',
      detail: expect.stringContaining('no answer within'),
    });
    await expect(ask(database, 'select 1 as one')).resolves.toEqual([{ one: 1 }]);
  });

  it('a session that ends in a transaction is told of, and the next one works', async () => {
    const database = open();
    const work = database.inTransaction(async () => {
      await ask(database, 'select 1');
      await endSessions();
      await ask(database, 'select 1');
    });
    await expect(work).rejects.toMatchObject({ code: 'unavailable' });
    await waitFor('it works again', () =>
      ask(database, 'select 1').then(
        () => true,
        () => false,
      ),
    );
  });

  it('a pooler that is started again is found again', async () => {
    const database = open();
    await ask(database, 'select 1');
    await pooler.stop();
    await expect(ask(database, 'select 1')).rejects.toMatchObject({ code: 'unavailable' });
    await pooler.start();
    await waitFor('it works again', () =>
      ask(database, 'select 1').then(
        () => true,
        () => false,
      ),
    );
  });
});
