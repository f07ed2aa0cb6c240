import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { startToRefusal } from '../process/refused-start.ts';
import { freePort } from '../support/free-port.ts';
import { createDatabase, type TestDatabase } from '../support/postgres.ts';
import { type RedisOptions, startRedis, type TestRedis } from '../support/redis.ts';
import { makeTempDir } from '../support/temp-dir.ts';
import { countLost, countOutcomes, isLong, longest, report } from './report.ts';
import { startWorld, type World } from './world.ts';

jest.setTimeout(longest);

const times = isLong ? 100 : 4;

describe('Redis beside the database, under load', () => {
  let database: TestDatabase;
  let redis: TestRedis;
  let world: World | undefined;
  beforeEach(async () => {
    world = undefined;
    database = await createDatabase();
  });
  afterEach(async () => {
    if (world === undefined) await database.drop();
    await world?.dispose();
    await redis.stop();
  });

  async function start(options: RedisOptions = {}): Promise<World> {
    redis = await startRedis(options);
    world = await startWorld({ database, env: { GATEHOUSE_REDIS_URL: redis.url } });
    await world.moreCalls(60);
    return world;
  }

  /** Every answer is the right one, in time: what is in Redis decides nothing. */
  async function conclude(of: World, row: string, fault: string): Promise<void> {
    await of.moreCalls(60);
    const { calls, findings } = await of.judge({ longest: 5000 });
    const counts = countOutcomes(calls);
    report({ row, fault, calls: counts, lost: countLost(findings) });
    expect(findings).toEqual([]);
    expect(counts.unknown).toBe(0);
  }

  it(`F-11 is flushed ${times} times: nobody notices`, async () => {
    const of = await start();
    for (let flush = 0; flush < times; flush += 1) {
      await redis.command('FLUSHALL');
      of.history.fault('FLUSHALL');
      await of.moreCalls(60);
    }
    await conclude(of, 'F-11', `${times} times FLUSHALL`);
  });

  it(`F-12 is killed ${times} times and comes back with what it had written down: nobody notices`, async () => {
    const of = await start({ settings: { appendonly: 'yes', appendfsync: 'everysec' } });
    for (let kill = 0; kill < times; kill += 1) {
      await redis.kill9();
      of.history.fault('Redis is killed');
      await of.moreCalls(40);
      await redis.startAgain();
      of.history.fault('Redis is back');
      await of.moreCalls(40);
    }
    await conclude(of, 'F-12', `${times} kills -9 of Redis with AOF everysec`);
  });

  it('F-14 is out of memory, and then evicts: nobody notices', async () => {
    const of = await start();
    await redis.command('SET', 'filler', 'x'.repeat(2_000_000));
    await redis.command('CONFIG', 'SET', 'maxmemory', '2mb');
    of.history.fault('Redis refuses every write');
    await expect(redis.command('SET', 'more', 'x')).rejects.toThrow('OOM');
    await of.moreCalls(100);
    await redis.command('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru');
    of.history.fault('Redis evicts what it likes');
    await of.moreCalls(100);
    await conclude(of, 'F-14', 'Redis out of memory, first with noeviction and then with allkeys-lru');
  });

  it('F-14 evicts: the server does not start', async () => {
    redis = await startRedis({ settings: { 'maxmemory-policy': 'allkeys-lru', maxmemory: '2mb' } });
    const { code, lines } = await startToRefusal({
      GATEHOUSE_DATA_DIR: (await makeTempDir('refused')).path,
      GATEHOUSE_DATABASE_URL: database.url,
      GATEHOUSE_PORT: String(await freePort()),
      GATEHOUSE_MANAGEMENT_PORT: String(await freePort()),
      GATEHOUSE_REDIS_URL: redis.url,
    });
    expect([code, lines[0]]).toEqual([78, expect.stringContaining('maxmemory-policy is allkeys-lru')]);
  });
});
