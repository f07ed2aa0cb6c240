import { afterEach, describe, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import { query } from '../support/postgres-cluster.ts';
import { makePostgresServer, type PostgresServer } from '../support/postgres-server.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { waitFor } from '../support/wait-for.ts';
import { countLost, countOutcomes, isLong, longest, recoveryTime, report, writes } from './report.ts';
import { startWorld, type World } from './world.ts';

jest.setTimeout(longest);

describe('the primary that dies', () => {
  let world: World | undefined;
  let servers: PostgresServer[];
  let proxies: TcpProxy[];
  afterEach(async () => {
    await world?.dispose();
    for (const proxy of proxies) await proxy.close();
    for (const server of servers) await server.dispose();
  });

  /** A primary with a standby, one proxy between them and one in front of whichever is the primary. */
  async function startPair() {
    const primary = await makePostgresServer();
    servers = [primary];
    const [between, front] = [await startTcpProxy(primary.port), await startTcpProxy(primary.port)];
    proxies = [between, front];
    const standby = await primary.standby(between.port);
    servers.push(standby);
    const database = { ...primary.database, url: front.urlOf(primary.database.url) };
    return { primary, standby, between, front, database };
  }

  const replicationOf = async (primary: PostgresServer): Promise<string | undefined> => {
    const client = new pg.Client({ connectionString: primary.database.superuserUrl });
    await client.connect();
    const { rows } = await client.query<{ sync_state: string }>(
      `select sync_state from pg_stat_replication where state = 'streaming'`,
    );
    await client.end();
    return rows[0]?.sync_state;
  };

  /** kill -9 of the primary; the standby takes over, and whoever looks for the primary is led there. */
  async function failOver({ primary, standby, between, front }: Awaited<ReturnType<typeof startPair>>) {
    const since = Date.now();
    await primary.kill9();
    // What was on its way to the standby is lost with the machine.
    between.refuse();
    await standby.promote();
    front.moveTo(standby.port);
    return since;
  }

  const failovers = isLong ? 10 : 2;

  it(`F-06 with a synchronous standby loses nothing that was acknowledged in ${failovers} failovers, and writes again within 30 s`, async () => {
    const totals = { ok: 0, fail: 0, unknown: 0 };
    let longest = 0;
    for (let round = 0; round < failovers; round += 1) {
      const pair = await startPair();
      const { primary, standby, database } = pair;
      await query(primary.database.superuserUrl, `alter system set synchronous_standby_names = 'standby'`);
      await query(primary.database.superuserUrl, 'select pg_reload_conf()');
      await waitFor('the standby is synchronous', async () => (await replicationOf(primary)) === 'sync');
      world = await startWorld({ database });
      await world.moreCalls(150);
      // Every second time the standby is silent first: then nothing may be acknowledged, however long it takes.
      if (round % 2 === 1) await stayUnacknowledged(world, pair.between);
      world.history.fault('the primary is killed');
      const since = await failOver(pair);
      world.history.fault('the standby is the primary');
      await world.moreCalls(150);
      const { calls, findings } = await world.judge({}, { connectionString: standby.database.superuserUrl });
      expect(findings).toEqual([]);
      for (const [outcome, count] of Object.entries(countOutcomes(calls))) totals[outcome as 'ok'] += count;
      longest = Math.max(longest, recoveryTime(calls, since, writes));
      if (round + 1 < failovers) await disposeRound();
    }
    report({
      row: 'F-06',
      fault: `${failovers} failovers to a synchronous standby`,
      calls: totals,
      lost: 0,
      measured: `writes again after ${(longest / 1000).toFixed(1)} s`,
    });
    expect(longest).toBeLessThan(30_000);
  });

  async function stayUnacknowledged(of: World, between: TcpProxy): Promise<void> {
    const enough = of.history.counts().unknown + 12;
    of.history.fault('the standby gets nothing any more');
    between.stall();
    await waitFor('changes have failed', () => of.history.counts().unknown >= enough, { within: 60_000 });
  }

  async function disposeRound(): Promise<void> {
    await world?.dispose();
    for (const proxy of proxies) await proxy.close();
    for (const server of servers) await server.dispose();
  }

  it('F-07 with an asynchronous standby loses what the standby had not got, and the checker tells what that was', async () => {
    const pair = await startPair();
    const { primary, standby, between, database } = pair;
    await waitFor('the standby follows', async () => (await replicationOf(primary)) === 'async');
    world = await startWorld({ database });
    await world.moreCalls(100);
    world.history.fault('the standby gets nothing any more');
    between.stall();
    await world.moreCalls(100);
    world.history.fault('the primary is killed');
    const since = await failOver(pair);
    world.history.fault('the standby is the primary');
    await world.moreCalls(100);
    const { calls, findings } = await world.judge({}, { connectionString: standby.database.superuserUrl });
    const lost = countLost(findings);
    report({
      row: 'F-07',
      fault:
        'a failover to an asynchronous standby that was 100 calls behind (documented: use a synchronous one)',
      calls: countOutcomes(calls),
      lost,
      measured: `writes again after ${(recoveryTime(calls, since, writes) / 1000).toFixed(1)} s`,
    });
    expect(findings.map(({ invariant }) => invariant)).toEqual(expect.arrayContaining(['I2']));
    // It is the tail that is lost, and the server goes on.
    expect(findings.filter(({ invariant }) => invariant === 'I8')).toEqual([]);
  });
});
