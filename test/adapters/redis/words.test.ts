import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { describeChangeWords } from '../../contracts/change-words.ts';
import { startRedis, type TestRedis } from '../../support/redis.ts';
import { type RedisCluster, startRedisCluster } from '../../support/redis-cluster.ts';
import { type RedisWithSentinels, startRedisWithSentinels } from '../../support/redis-sentinels.ts';
import { waitFor } from '../../support/wait-for.ts';
import { type Listener, makeListener } from './listener.ts';

const started = async (url: string): Promise<Listener> => {
  const listener = makeListener(url);
  await expect(listener.start()).resolves.toEqual({ kind: 'up' });
  return listener;
};

/** Until what one says reaches the other again. */
const reaches = (one: Listener, other: Listener): Promise<true> => {
  const before = other.heard;
  return waitFor(
    'the word has come',
    () => {
      one.send();
      return other.heard > before;
    },
    { within: 30_000 },
  );
};

describe('one Redis', () => {
  let redis: TestRedis;
  let one: Listener;
  let other: Listener;
  beforeAll(async () => {
    redis = await startRedis();
    [one, other] = [await started(redis.url), await started(redis.url)];
  });
  afterAll(async () => {
    await Promise.all([one.close(), other.close()]);
    await redis.stop();
  });

  describeChangeWords('one Redis', () => started(redis.url));

  it('is found again after kill -9 and a new start, and who listens is told that words may be lost', async () => {
    await redis.kill9();
    await waitFor('the loss was noticed', () => !one.isUp() && !other.isUp());
    one.send();
    const before = other.heard;
    await redis.startAgain();
    await waitFor('it looks for what it has missed', () => other.heard > before, { within: 30_000 });
    await reaches(one, other);
  });

  it('is given up within moments when it is frozen, and found again when it is not', async () => {
    redis.freeze();
    const began = performance.now();
    one.send();
    expect(performance.now() - began).toBeLessThan(20);
    await waitFor('it was given up', () => !one.isUp() && !other.isUp(), { within: 3000 });
    redis.thaw();
    await reaches(one, other);
  });

  it('tells each loss and each return once', async () => {
    const said = () => one.logged.map(({ level, message }) => `${level} ${message}`);
    one.logged.length = 0;
    redis.freeze();
    await waitFor('the loss was told', () => said().length > 0);
    const until = performance.now() + 3000;
    await waitFor('it was tried again for a while', () => performance.now() > until);
    redis.thaw();
    await waitFor('the return was told', () => one.isUp(), { within: 30_000 });
    expect(said()).toEqual([
      expect.stringMatching(/^warn Redis is away: nothing is lost/),
      'info Redis is connected',
    ]);
    expect(one.logged[0]?.fields).toMatchObject({ redis: `127.0.0.1:${redis.port}` });
  });

  it('carries words when it is full and refuses writes, and when all it holds is flushed', async () => {
    await redis.command('CONFIG', 'SET', 'maxmemory', '1');
    await expect(redis.command('SET', 'a', 'b')).rejects.toThrow(/OOM/);
    await reaches(one, other);
    await redis.command('FLUSHALL');
    await reaches(one, other);
    await redis.command('CONFIG', 'SET', 'maxmemory', '0');
  });

  it.each([
    ['the rights that docs/redis.md names', '+info'],
    ['these without the one to ask for its policy', '-info'],
  ])('serves a user with %s', async (_what, info) => {
    const rights = '-@all +hello +auth +ping +select +client|setname +role +publish +subscribe'.split(' ');
    await redis.command('ACL', 'SETUSER', 'app', 'reset', 'on', '>secret', '&gatehouse:*', ...rights, info);
    const url = redis.url.replace('redis://', 'redis://app:secret@');
    const [first, second] = [await started(url), await started(url)];
    await reaches(first, second);
    expect(first.logged.map(({ level }) => level)).toEqual(['info']);
    await Promise.all([first.close(), second.close()]);
  });

  it('that lets its user publish nothing is told of like one that is away', async () => {
    const rights = '-@all +hello +auth +ping +select +client|setname +subscribe'.split(' ');
    await redis.command('ACL', 'SETUSER', 'app', 'reset', 'on', '>secret', '&gatehouse:*', ...rights);
    const listener = await started(redis.url.replace('redis://', 'redis://app:secret@'));
    listener.send();
    const warning = await waitFor('it was told', () => listener.logged.find(({ level }) => level === 'warn'));
    expect(warning.fields).toMatchObject({ error: { message: expect.stringMatching(/NOPERM.*publish/) } });
    await listener.close();
  });

  it('is not used from the moment on that it comes back with a policy that evicts', async () => {
    one.logged.length = 0;
    await redis.command('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru');
    await redis.command('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await waitFor('it was told', () => one.logged.some(({ level }) => level === 'error'));
    expect(one.isUp()).toBe(false);
    expect(one.logged.at(-1)).toMatchObject({
      message: 'Redis is not used: its maxmemory-policy must be noeviction',
      fields: { policy: 'allkeys-lru' },
    });
    await redis.command('CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
    await reaches(one, other);
  });
});

describe('Redis with sentinels', () => {
  let group: RedisWithSentinels;
  beforeAll(async () => {
    group = await startRedisWithSentinels();
  });
  afterAll(() => group.stop());

  describeChangeWords('Redis with sentinels', () => started(group.url));

  it('goes on through the new primary after the old one was killed, while words are sent', async () => {
    const [one, other] = [await started(group.url), await started(group.url)];
    const before = await group.primary();
    const sending = setInterval(() => one.send(), 5);
    await before.kill9();
    await waitFor('another one is the primary', async () => (await group.primary()) !== before);
    clearInterval(sending);
    await reaches(one, other);
    await before.startAgain();
    await reaches(other, one);
    await Promise.all([one.close(), other.close()]);
  });

  it('says which sentinel has answered what, when none knows the name', async () => {
    const listener = makeListener(group.url.replace(/gatehouse$/, 'unknown'));
    await expect(listener.start()).resolves.toMatchObject({
      kind: 'away',
      why: {
        message: expect.stringMatching(
          /^127\.0\.0\.1:\d+: this sentinel watches nothing that is called "unknown"; /,
        ),
      },
    });
    await listener.close();
  });
});

describe('a cluster of Redis', () => {
  let cluster: RedisCluster;
  beforeAll(async () => {
    cluster = await startRedisCluster();
  });
  afterAll(() => cluster.stop());

  describeChangeWords('a cluster', () => started(cluster.url));

  it('goes on after the primary that one is connected to was killed, while words are sent', async () => {
    const [one, other] = [await started(cluster.url), await started(cluster.url)];
    const used = await usedNode();
    const [witness = used] = cluster.nodes.filter((node) => node !== used);
    const sending = setInterval(() => one.send(), 5);
    await used.kill9();
    await waitFor('its replica is a primary', async () => {
      const primaries = await cluster.primaries(witness);
      return primaries.length === 3 && !primaries.includes(used);
    });
    clearInterval(sending);
    await reaches(one, other);
    await Promise.all([one.close(), other.close()]);
  });

  /** A node that a process has its connection to. */
  async function usedNode(): Promise<TestRedis> {
    for (const node of cluster.nodes) {
      const connections = String(await node.command('CLIENT', 'LIST'));
      if (connections.includes('name=gatehouse ')) return node;
    }
    throw new Error('nobody is connected');
  }
});
