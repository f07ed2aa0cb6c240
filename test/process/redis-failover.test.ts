import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type RunningGatehouse, startGatehouse } from '../support/gatehouse.ts';
import type { TestRedis } from '../support/redis.ts';
import { startRedisCluster } from '../support/redis-cluster.ts';
import { startRedisWithSentinels } from '../support/redis-sentinels.ts';
import { waitFor } from '../support/wait-for.ts';
import { metricOf } from './changes.ts';
import { startLoad } from './service-load.ts';

/** Redis as several servers, of which a primary is killed. */
interface Group {
  url: string;
  /** Kills the primary that the server under test is connected to, and waits until another one has its place. */
  killPrimary(): Promise<void>;
  stop(): Promise<void>;
}

async function withSentinels(): Promise<Group> {
  const group = await startRedisWithSentinels();
  return {
    ...group,
    async killPrimary() {
      const before = await group.primary();
      await before.kill9();
      await waitFor('another one is the primary', async () => (await group.primary()) !== before);
    },
  };
}

async function asCluster(): Promise<Group> {
  const cluster = await startRedisCluster();
  const isUsed = async (node: TestRedis) =>
    String(await node.command('CLIENT', 'LIST')).includes('name=gatehouse ');
  return {
    ...cluster,
    async killPrimary() {
      const uses = await Promise.all(cluster.nodes.map(isUsed));
      const used = cluster.nodes[uses.indexOf(true)];
      const witness = cluster.nodes.find((node) => node !== used);
      if (used === undefined || witness === undefined) throw new Error('nobody is connected to the cluster');
      await used.kill9();
      await waitFor('its replica has its place', async () => {
        const primaries = await cluster.primaries(witness);
        return primaries.length === 3 && !primaries.includes(used);
      });
    },
  };
}

describe.each([
  ['sentinels', withSentinels],
  ['a cluster', asCluster],
] as const)('a server whose Redis is %s', (_what, open) => {
  let group: Group;
  let server: RunningGatehouse;
  beforeAll(async () => {
    group = await open();
    server = await startGatehouse({ database: 'postgres', env: { GATEHOUSE_REDIS_URL: group.url } });
  });
  afterAll(async () => {
    await server.dispose();
    await group.stop();
  });
  const isConnected = async () => (await metricOf(server, 'gatehouse_redis_connected')) === 1;

  it('loses the primary under load: nobody notices, and it goes on with the next one', async () => {
    expect(await isConnected()).toBe(true);
    const load = await startLoad(server);
    await load.more(20);
    await group.killPrimary();
    await waitFor('it is connected', isConnected, { within: 30_000 });
    await load.more(20);
    await load.expectUnharmed();
    expect(server.output()).toMatch(/Redis is away[\s\S]*Redis is connected/);
  });
});
