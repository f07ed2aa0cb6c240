import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type Database,
  type DatabaseOptions,
  openDatabase,
} from '../../../adapters/postgres/connection/database.ts';
import { query } from '../../support/postgres-cluster.ts';
import { makePostgresServer, type PostgresServer } from '../../support/postgres-server.ts';
import { startTcpProxy, type TcpProxy } from '../../support/tcp-proxy.ts';
import { waitFor } from '../../support/wait-for.ts';

const unavailable = { code: 'unavailable', status: 503, retryAfter: 2 };

let server: PostgresServer;
let proxy: TcpProxy;
let database: Database;
beforeAll(async () => {
  server = await makePostgresServer();
  proxy = await startTcpProxy(server.port);
}, 60_000);
afterAll(async () => {
  await proxy.close();
  await server.dispose();
});
beforeEach(() => {
  database = open();
});
afterEach(async () => {
  server.thaw();
  proxy.resume();
  await database.close();
});

function open(changes: Partial<DatabaseOptions> = {}): Database {
  return openDatabase({
    where: { kind: 'url', url: proxy.urlOf(server.database.url) },
    poolMax: 4,
    acquireTimeout: 2000,
    connectTimeout: 1500,
    statementTimeout: 1500,
    requestTimeout: 2500,
    queueMax: 50,
    ...changes,
  });
}

async function reopen(changes: Partial<DatabaseOptions>): Promise<void> {
  await database.close();
  database = open(changes);
}

const ask = async (sql: string) => database.current().raw(sql);
const backend = async (): Promise<number> => (await ask('select pg_backend_pid() as pid')).rows[0].pid;

/** How it ended, and after how many milliseconds. */
async function timed(work: Promise<unknown>): Promise<{ failed: unknown; ms: number }> {
  const began = performance.now();
  const failed = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  return { failed, ms: performance.now() - began };
}

async function expectRecovery(): Promise<void> {
  const { ms } = await timed(
    waitFor('it works again', () =>
      ask('select 1').then(
        () => true,
        () => false,
      ),
    ),
  );
  expect(ms).toBeLessThan(5000);
  expect(database.pool()).toMatchObject({ used: 0, waiting: 0 });
}

describe('a statement that takes too long', () => {
  it('is given up by the server, and its session goes on', async () => {
    const before = await backend();
    const { failed, ms } = await timed(ask('select pg_sleep(5)'));
    expect(failed).toMatchObject({ ...unavailable, detail: expect.stringContaining('57014') });
    expect(ms).toBeLessThan(3500);
    await expect(backend()).resolves.toBe(before);
  });

  it('is given up on this side when the server does not answer, and its session is not used again', async () => {
    const before = await backend();
    server.freeze();
    const { failed, ms } = await timed(ask('select 1'));
    expect(failed).toMatchObject({
      ...unavailable,
      detail: expect.stringContaining('no answer within 1750 ms'),
    });
    expect(ms).toBeLessThan(3500);
    server.thaw();
    await expectRecovery();
    await expect(backend()).resolves.not.toBe(before);
  });

  it('costs a request no more than its own time, however many it still sends', async () => {
    await ask('select 1');
    server.freeze();
    const request = database.forRequest(async () => {
      for (let count = 0; count < 20; count += 1) await ask('select 1').catch(() => {});
      expect(database.failure()).toMatchObject(unavailable);
      await ask('select 1');
    });
    const { failed, ms } = await timed(request);
    expect(failed).toMatchObject(unavailable);
    expect(ms).toBeGreaterThan(2000);
    expect(ms).toBeLessThan(4000);
    expect(database.failure()).toBeUndefined();
  });

  it('may take its time where patience was asked for', async () => {
    await database.patiently(() =>
      database.inTransaction(async () => {
        await ask('set local statement_timeout = 0');
        await ask('select pg_sleep(2)');
      }),
    );
  });

  it('does not limit what a request has begun and what outlives it', async () => {
    const { promise: over, resolve } = Promise.withResolvers<void>();
    let later: Promise<unknown> = Promise.resolve();
    server.freeze();
    await database.forRequest(async () => {
      for (let count = 0; count < 3; count += 1) await ask('select 1').catch(() => {});
      later = over.then(() => ask('select 1'));
    });
    server.thaw();
    await expectRecovery();
    resolve();
    await later;
  });
});

describe('a transaction in which nothing happens', () => {
  it('is undone by the server, and its locks are free', async () => {
    await reopen({ idleTransactionTimeout: 300 });
    await ask('create table if not exists held (id integer primary key)');
    const watcher = open();
    const isFree = async (): Promise<boolean> => {
      const sql = `select 1 from pg_locks where relation = 'held'::regclass and mode = 'RowExclusiveLock'`;
      return (await watcher.current().raw(sql)).rows.length === 0;
    };
    const work = database.inTransaction(async () => {
      await ask('insert into held values (1)');
      await expect(isFree()).resolves.toBe(false);
      await waitFor('its locks are free', isFree);
      await ask('select 1');
    });
    await expect(work).rejects.toMatchObject(unavailable);
    await expect(ask('select * from held')).resolves.toMatchObject({ rows: [] });
    await watcher.close();
  });
});

describe('a database that is away', () => {
  it('is told of at once, to everybody who waits', async () => {
    await ask('select 1');
    await server.stop('immediate');
    const all = await Promise.all(Array.from({ length: 40 }, () => timed(ask('select 1'))));
    for (const { failed, ms } of all) {
      expect(failed).toMatchObject(unavailable);
      expect(ms).toBeLessThan(1000);
    }
    await server.start();
    await expectRecovery();
  });

  it('is asked by one at a time while it does not answer, the others know', async () => {
    proxy.stall();
    const first = await timed(ask('select 1'));
    expect(first.failed).toMatchObject({ detail: expect.stringContaining('no connection within 1500 ms') });
    const tries = await waitFor('somebody tries again', async () => {
      const callers = await Promise.all(Array.from({ length: 20 }, () => timed(ask('select 1'))));
      for (const { failed } of callers) expect(failed).toMatchObject(unavailable);
      const slow = callers.filter(({ ms }) => ms > 700).length;
      return slow > 0 && slow;
    });
    expect(tries).toBe(1);
    proxy.resume();
    await expectRecovery();
  });

  it('is noticed when it ends the sessions, those in a transaction included', async () => {
    const inside = Promise.withResolvers<void>();
    const ended = Promise.withResolvers<void>();
    const work = database.inTransaction(async () => {
      await ask('create temporary table fleeting ()');
      inside.resolve();
      await ended.promise;
      await ask('select 1');
    });
    await inside.promise;
    await query(
      server.database.superuserUrl,
      `select pg_terminate_backend(pid) from pg_stat_activity where usename = 'gatehouse'`,
    );
    ended.resolve();
    await expect(work).rejects.toMatchObject(unavailable);
    await expectRecovery();
  });

  it('leaves the outcome of a commit open, and says so', async () => {
    await ask('create table if not exists kept (id integer)');
    const work = database.inTransaction(async () => {
      await ask('insert into kept values (1)');
      proxy.cut();
    });
    await expect(work).rejects.toMatchObject(unavailable);
    await expectRecovery();
  });
});

describe('a pool that is used up', () => {
  it('lets so many wait, refuses the others at once, and serves who has waited', async () => {
    await reopen({ queueMax: 10, poolMax: 2 });
    const holders = [1, 2].map(() => ask('select pg_sleep(0.8)'));
    await waitFor('both are used', () => database.pool().used === 2);
    const callers = await Promise.all(Array.from({ length: 50 }, () => timed(ask('select 1'))));
    const refused = callers.filter(({ failed }) => failed !== undefined);
    expect(refused).toHaveLength(40);
    for (const { failed, ms } of refused) {
      expect(failed).toMatchObject({ ...unavailable, detail: expect.stringContaining('10 callers wait') });
      expect(ms).toBeLessThan(700);
    }
    await Promise.all(holders);
    await expectRecovery();
  });

  it('keeps nobody waiting for longer than the time for that', async () => {
    await reopen({ poolMax: 1 });
    const holder = ask('select pg_sleep(1.2)');
    await waitFor('it is used', () => database.pool().used === 1);
    const second = ask('select pg_sleep(1.2)');
    const third = await timed(ask('select 1'));
    expect(third.failed).toMatchObject({
      ...unavailable,
      detail: expect.stringContaining('no connection was free'),
    });
    expect(third.ms).toBeLessThan(3000);
    await Promise.all([holder, second]);
    await expectRecovery();
  });

  it('is not used up by calls within calls', async () => {
    await reopen({ poolMax: 2 });
    const nested = () =>
      database.inTransaction(() => database.inTransaction(() => ask('select pg_sleep(0.01)')));
    await Promise.all(Array.from({ length: 30 }, nested));
    await expectRecovery();
  });
});
