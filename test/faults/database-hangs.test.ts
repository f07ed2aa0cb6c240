import { afterEach, describe, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import { exchange } from '../support/http.ts';
import { makePostgresServer, type PostgresServer } from '../support/postgres-server.ts';
import { waitFor } from '../support/wait-for.ts';
import { countLost, countOutcomes, isLong, longest, recoveryTime, report, writes } from './report.ts';
import { startWorld, type World } from './world.ts';

jest.setTimeout(longest);

/** Longer than every time limit of the server together. */
const hungFor = (isLong ? 60 : 12) * 1000;
const poolMax = 5;

describe('PostgreSQL that hangs', () => {
  let postgres: PostgresServer;
  let world: World;
  afterEach(async () => {
    await world.dispose();
    await postgres.dispose();
  });

  /** What a server says of itself on its management port. */
  const ask = (path: string, server = world.servers[0]) => exchange(`${server?.managementUrl}${path}`);

  async function metric(name: string): Promise<number[]> {
    const texts = await Promise.all(
      world.servers.map(async (server) => (await ask('/metrics', server)).text),
    );
    return texts.map((text) => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1]));
  }

  async function countSessions(): Promise<number> {
    const client = new pg.Client({ connectionString: postgres.database.superuserUrl });
    await client.connect();
    const { rows } = await client.query<{ count: number }>(
      `select count(*)::int as count from pg_stat_activity where usename = 'gatehouse'`,
    );
    await client.end();
    return rows[0]?.count ?? 0;
  }

  it(`F-08 for ${hungFor / 1000} s: every answer comes within 5 s, no connection is lost, and it goes on within 5 s`, async () => {
    postgres = await makePostgresServer();
    const env = { GATEHOUSE_DATABASE_POOL_MAX: String(poolMax) };
    world = await startWorld({ database: postgres.database, workers: 6, env });
    await world.moreCalls(150);
    world.history.fault('PostgreSQL hangs');
    const began = performance.now();
    postgres.freeze();
    await waitFor('it is not ready', async () => (await ask('/readyz')).status === 503);
    await expect(ask('/healthz')).resolves.toMatchObject({ status: 200 });
    await waitFor('the time is over', () => performance.now() - began > hungFor, { within: 2 * hungFor });
    expect(world.history.counts().unknown).toBeGreaterThan(6);
    postgres.thaw();
    const since = Date.now();
    world.history.fault('PostgreSQL goes on');
    await world.moreCalls(150);
    const { calls, findings } = await world.judge({ longest: 5000 });
    const recovery = recoveryTime(calls, since, writes);
    const slowest = Math.max(
      ...calls
        .filter(({ operation: { type } }) => type !== 'authorize' && type !== 'sign-out')
        .map(({ ms }) => ms),
    );
    report({
      row: 'F-08',
      fault: `PostgreSQL under SIGSTOP for ${hungFor / 1000} s`,
      calls: countOutcomes(calls),
      lost: countLost(findings),
      measured: `the slowest answer took ${slowest} ms, writes again after ${recovery} ms`,
    });
    expect(findings).toEqual([]);
    expect(recovery).toBeLessThan(5000);
    await waitFor('all connections are given back', async () =>
      (await metric('gatehouse_database_connections_used')).every((used) => used === 0),
    );
    await expect(metric('gatehouse_database_callers_waiting')).resolves.toEqual([0, 0]);
    // And one that listens for changes, in each process.
    await expect(countSessions()).resolves.toBeLessThanOrEqual((poolMax + 1) * world.servers.length);
  });
});
