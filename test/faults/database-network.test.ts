import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { createDatabase, type TestDatabase } from '../support/postgres.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { waitFor } from '../support/wait-for.ts';
import { countLost, countOutcomes, isLong, longest, recoveryTime, report, writes } from './report.ts';
import { startWorld, type World } from './world.ts';

jest.setTimeout(longest);

const cuts = isLong ? 300 : 8;
/** Longer than every time limit of the server. */
const silence = (isLong ? 30 : 7) * 1000;

describe('the way to PostgreSQL', () => {
  let database: TestDatabase;
  let proxy: TcpProxy;
  let world: World;
  afterEach(async () => {
    await world.dispose();
    await proxy.close();
  });

  it(`F-08 is cut ${cuts} times, slow, and half-open for ${silence / 1000} s: a change whose answer was lost is made once or not at all`, async () => {
    database = await createDatabase();
    proxy = await startTcpProxy(Number(new URL(database.url).port));
    world = await startWorld({ database: { ...database, url: proxy.urlOf(database.url) } });
    for (let cut = 0; cut < cuts; cut += 1) {
      await world.moreCalls(20);
      world.history.fault('the connections are cut');
      proxy.cut();
    }
    world.history.fault('everything takes 30 ms longer, each way');
    proxy.delay(30);
    await world.moreCalls(60);
    proxy.delay(0);

    const { unknown } = world.history.counts();
    const began = performance.now();
    world.history.fault('nothing passes');
    proxy.stall();
    await waitFor('the time is over', () => performance.now() - began > silence, { within: 2 * silence });
    expect(world.history.counts().unknown).toBeGreaterThan(unknown);
    proxy.resume();
    const since = Date.now();
    world.history.fault('what has waited passes, and the rest as well');
    await world.moreCalls(60);

    const { calls, findings } = await world.judge({ longest: 5000 });
    const recovery = recoveryTime(calls, since, writes);
    report({
      row: 'F-08',
      fault: `connections to PostgreSQL cut ${cuts} times, then slow, then half-open for ${silence / 1000} s`,
      calls: countOutcomes(calls),
      lost: countLost(findings),
      measured: `writes again after ${recovery} ms`,
    });
    expect(findings).toEqual([]);
    expect(recovery).toBeLessThan(5000);
  });
});
