import { describe, expect, it } from '@jest/globals';
import { startRedis } from './redis.ts';
import { startRedisCluster } from './redis-cluster.ts';
import { startRedisWithSentinels } from './redis-sentinels.ts';
import { waitFor } from './wait-for.ts';

describe('a Redis of the tests', () => {
  it('answers with its password only, and is empty after a kill', async () => {
    const redis = await startRedis({ password: 'a pass/word' });
    await redis.command('SET', 'a', '1');
    await expect(redis.command('GET', 'a')).resolves.toBe('1');
    await redis.kill9();
    await expect(redis.command('PING')).rejects.toThrow(/ECONNREFUSED/);
    await redis.startAgain();
    await expect(redis.command('GET', 'a')).resolves.toBeNull();
    await redis.stop();
  });

  it('has another primary after the first was killed, under sentinels', async () => {
    const group = await startRedisWithSentinels();
    const before = await group.primary();
    await before.kill9();
    await waitFor('another one is the primary', async () => (await group.primary()) !== before);
    await group.stop();
  });

  it('has another primary after one was killed, in a cluster', async () => {
    const cluster = await startRedisCluster();
    const [killed, witness] = cluster.nodes;
    if (killed === undefined || witness === undefined) throw new Error('no nodes');
    await expect(cluster.primaries(witness)).resolves.toEqual(cluster.nodes.slice(0, 3));
    await killed.kill9();
    await waitFor('its replica is a primary', async () => {
      const primaries = await cluster.primaries(witness);
      return primaries.length === 3 && !primaries.includes(killed);
    });
    await cluster.stop();
  });
});
