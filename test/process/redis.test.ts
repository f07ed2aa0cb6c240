import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { freePort } from '../support/free-port.ts';
import { type RunningGatehouse, startGatehouse } from '../support/gatehouse.ts';
import { createDatabase, type TestDatabase } from '../support/postgres.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { makeTempDir } from '../support/temp-dir.ts';
import { waitFor } from '../support/wait-for.ts';
import { askForToken, makeService, metricOf } from './changes.ts';
import { countRows, startToRefusal } from './refused-start.ts';
import { type Load, startLoad } from './service-load.ts';

describe('the start of a server', () => {
  let redis: TestRedis;
  let database: TestDatabase;
  beforeAll(async () => {
    [redis, database] = await Promise.all([startRedis({ password: 'canary-7741' }), createDatabase()]);
  });
  afterAll(async () => {
    await redis.stop();
    await database.drop();
  });
  afterEach(() => redis.command('CONFIG', 'SET', 'maxmemory-policy', 'noeviction'));

  const settings = async (more: Record<string, string> = {}) => ({
    GATEHOUSE_DATA_DIR: (await makeTempDir('redis-start')).path,
    GATEHOUSE_DATABASE_URL: database.url,
    GATEHOUSE_PORT: String(await freePort()),
    GATEHOUSE_MANAGEMENT_PORT: String(await freePort()),
    GATEHOUSE_REDIS_URL: redis.url,
    ...more,
  });

  it.each([
    ['allkeys-lru', '1'],
    ['allkeys-random', '1'],
    // All that is ever kept there ends by itself, so these throw away the same.
    ['volatile-lru', '1'],
    ['volatile-ttl', '2'],
  ])(
    'is refused with 78, why and what to do, by a Redis that evicts: %s (workers: %s)',
    async (policy, workers) => {
      await redis.command('CONFIG', 'SET', 'maxmemory-policy', policy);
      const { code, stdout, lines } = await startToRefusal(await settings({ GATEHOUSE_WORKERS: workers }));
      expect([code, stdout]).toEqual([78, '']);
      await expect(countRows(database.url)).resolves.toEqual({});
      expect(lines).toEqual([
        `The Redis at 127.0.0.1:${redis.port} evicts when its memory is full (its maxmemory-policy is ${policy}): counts by which attacks are slowed down would be forgotten just when there are many.`,
        'Set its maxmemory-policy to noeviction, or name a Redis of its own in GATEHOUSE_REDIS_URL, or unset that. Nothing is lost.',
      ]);
    },
  );

  it.each([
    ['is not there', async () => ({ url: `redis://:canary-7741@127.0.0.1:${await freePort()}` })],
    ['is frozen', async () => redis.freeze()],
    ['does not know the password', async () => ({ url: redis.url.replace('canary-7741', 'canary-7742') })],
    [
      'is a sentinel that nobody runs',
      async () => ({ url: 'redis+sentinel://u:canary-7741@127.0.0.1:1/main' }),
    ],
  ])('goes on with a warning when Redis %s, and shows no password', async (_what, prepare) => {
    const { url = redis.url } = (await prepare()) ?? {};
    const server = await startGatehouse({ database: 'postgres', env: { GATEHOUSE_REDIS_URL: url } });
    redis.thaw();
    expect(server.output()).toMatch(/warn.*Redis is away: nothing is lost/);
    expect(server.output()).not.toContain('canary');
    const service = await makeService(server);
    await expect(askForToken(server, service)).resolves.toBe(200);
    await server.dispose();
  });
});

describe('a server whose Redis', () => {
  let redis: TestRedis;
  let server: RunningGatehouse;
  let load: Load;
  beforeAll(async () => {
    redis = await startRedis();
    server = await startGatehouse({
      database: 'postgres',
      env: { GATEHOUSE_REDIS_URL: redis.url, GATEHOUSE_WORKERS: '2', GATEHOUSE_DATABASE_POOL_MAX: '4' },
    });
  });
  beforeEach(async () => {
    load = await startLoad(server);
  });
  afterAll(async () => {
    await server.dispose();
    await redis.stop();
  });

  const connected = (count: number) =>
    waitFor(
      `${count} processes are connected`,
      async () => (await metricOf(server, 'gatehouse_redis_connected')) === count,
      { within: 30_000 },
    );

  it('is killed and started again: nobody notices', async () => {
    await connected(2);
    await redis.kill9();
    await connected(0);
    await load.more(200);
    await redis.startAgain();
    await connected(2);
    await load.expectUnharmed();
  });

  it('is frozen and thawed: nobody notices', async () => {
    redis.freeze();
    await connected(0);
    await load.more(200);
    redis.thaw();
    await connected(2);
    await load.expectUnharmed();
  });

  it('is flushed every 2 seconds: nobody notices', async () => {
    for (let flush = 0; flush < 3; flush += 1) {
      const until = performance.now() + 2000;
      await redis.command('FLUSHALL');
      await waitFor('two seconds have gone', () => performance.now() > until);
    }
    await load.expectUnharmed();
  });

  it('is full (maxmemory 2mb, noeviction): nobody notices', async () => {
    await redis.command('CONFIG', 'SET', 'maxmemory', '2mb');
    await expect(fill(redis)).rejects.toThrow(/OOM/);
    await load.more(200);
    await connected(2);
    await load.expectUnharmed();
  });
});

async function fill(redis: TestRedis): Promise<void> {
  for (let key = 0; key < 1000; key += 1) await redis.command('SET', `filler-${key}`, 'x'.repeat(64 * 1024));
}
