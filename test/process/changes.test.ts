import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { makeListener } from '../adapters/redis/listener.ts';
import { gatehouse } from '../cli/gatehouse-command.ts';
import { type RunningGatehouse, startGatehouse } from '../support/gatehouse.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { waitFor } from '../support/wait-for.ts';
import { askForToken, makeService, metricOf, replaceSecret, servedAfter, startTwo } from './changes.ts';

/** Milliseconds after the answer, by which every process must have seen a change. */
const promised = 1000;
const rounds = 5;

/** What one process changes and the other must see, several times over. */
function itIsSeen(when: string, servers: () => [RunningGatehouse, RunningGatehouse]): void {
  it(`a client deleted on one is refused by the other within a second, ${when}`, async () => {
    const [here, there] = servers();
    for (let round = 0; round < rounds; round += 1) {
      const service = await makeService(here);
      const took = await servedAfter(there, service, () => here.admin('DELETE', `clients/${service.id}`));
      expect(took).toBeLessThan(promised);
    }
  });

  it(`a secret replaced on one is refused by the other within a second and the new one taken, ${when}`, async () => {
    const [here, there] = servers();
    let service = await makeService(here);
    for (let round = 0; round < rounds; round += 1) {
      const old = service;
      const replace = async () => {
        service = await replaceSecret(here, old);
      };
      const took = await servedAfter(there, old, replace);
      expect(took).toBeLessThan(promised);
      await waitFor('the new one is taken', async () => (await askForToken(there, service)) === 200);
      // The one that has made the change never sees what was before.
      await expect(askForToken(here, old)).resolves.toBe(401);
    }
  });
}

describe('two processes on PostgreSQL', () => {
  let servers: [RunningGatehouse, RunningGatehouse];
  beforeAll(async () => {
    servers = await startTwo();
  });
  afterAll(async () => {
    await servers[1].stop();
    await servers[0].dispose();
  });

  itIsSeen('without Redis', () => servers);

  it('answers a service from memory, without any statement, for as long as the feed is live', async () => {
    const [one] = servers;
    const service = await makeService(one);
    await askForToken(one, service);
    await waitFor('the feed is live', async () => (await metricOf(one, 'gatehouse_change_feed_live')) === 1);
    // What the last change has made it forget is known again.
    await waitFor('it is in memory', async () => {
      const before = await metricOf(one, 'gatehouse_client_cache_misses_total');
      for (let use = 0; use < 20; use += 1) await askForToken(one, service);
      return (await metricOf(one, 'gatehouse_client_cache_misses_total')) === before;
    });
    const before = await metricOf(one, 'gatehouse_client_cache_misses_total');
    const hitsBefore = await metricOf(one, 'gatehouse_client_cache_hits_total');
    const until = performance.now() + 3000;
    let uses = 0;
    for (; performance.now() < until; uses += 1) await askForToken(one, service);
    expect(await metricOf(one, 'gatehouse_client_cache_misses_total')).toBe(before);
    expect(await metricOf(one, 'gatehouse_client_cache_hits_total')).toBeGreaterThanOrEqual(
      hitsBefore + uses,
    );
  });
});

describe('two processes on PostgreSQL behind a pooler, with Redis', () => {
  let redis: TestRedis;
  let servers: [RunningGatehouse, RunningGatehouse];
  beforeAll(async () => {
    redis = await startRedis({ password: 'redis-canary-8812' });
    servers = await startTwo({ GATEHOUSE_REDIS_URL: redis.url, GATEHOUSE_DATABASE_POOLER: 'transaction' });
  });
  afterAll(async () => {
    await servers[1].stop();
    await servers[0].dispose();
    await redis.stop();
  });

  itIsSeen('with Redis', () => servers);

  it('tells that it is connected', async () => {
    await expect(metricOf(servers[0], 'gatehouse_redis_connected')).resolves.toBe(1);
    expect(servers[0].output()).toContain('Redis is connected');
  });

  it('sends a word of each change through it, and looks at once when one comes', async () => {
    const [here, there] = servers;
    const listener = makeListener(redis.url);
    await listener.start();
    const times: number[] = [];
    for (let round = 0; round < 9; round += 1) {
      const service = await makeService(here);
      const before = listener.heard;
      const remove = () => here.admin('DELETE', `clients/${service.id}`);
      times.push(await servedAfter(there, service, remove));
      await waitFor('the word was heard', () => listener.heard > before);
    }
    await listener.close();
    // Without words it takes a quarter of a second on the average, and hardly ever so little.
    expect(times.toSorted((a, b) => a - b)[4]).toBeLessThan(150);
  });

  describe('that is frozen', () => {
    beforeAll(async () => {
      redis.freeze();
      await waitFor(
        'it was given up',
        async () => (await metricOf(servers[0], 'gatehouse_redis_connected')) === 0,
      );
    });
    afterAll(() => redis.thaw());
    itIsSeen('with Redis frozen', () => servers);

    it('both stay ready', async () => {
      for (const { managementUrl } of servers)
        expect((await fetch(`${managementUrl}/readyz`)).status).toBe(200);
    });
  });

  it('comes back without a restart', async () => {
    for (const server of servers)
      await waitFor(
        'it is connected',
        async () => (await metricOf(server, 'gatehouse_redis_connected')) === 1,
        { within: 30_000 },
      );
  });

  it('never writes its password anywhere', () => {
    for (const server of servers) expect(server.output()).not.toContain('canary-8812');
  });
});

describe('a server of several workers', () => {
  let server: RunningGatehouse;
  beforeAll(async () => {
    server = await startGatehouse({
      database: 'postgres',
      env: { GATEHOUSE_WORKERS: '2', GATEHOUSE_DATABASE_POOL_MAX: '4' },
    });
  });
  afterAll(() => server.dispose());

  it('refuses a client by each of them within a second of its deletion by one', async () => {
    const service = await makeService(server);
    // Each on a connection of its own, so that they go to the workers in turn.
    const askAll = () =>
      Promise.all(Array.from({ length: 8 }, () => askForToken(server, service, { connection: 'close' })));
    await expect(askAll()).resolves.toEqual(Array(8).fill(200));
    await server.admin('DELETE', `clients/${service.id}`);
    const until = performance.now() + promised;
    await waitFor('a second has gone', () => performance.now() > until);
    for (let time = 0; time < 3; time += 1) await expect(askAll()).resolves.toEqual(Array(8).fill(401));
    await expect(metricOf(server, 'gatehouse_change_feed_live')).resolves.toBe(2);
  });
});

describe('a process that was stopped itself', () => {
  it('does not go on with what it knew before', async () => {
    const [here, there] = await startTwo();
    const service = await makeService(here);
    await expect(askForToken(there, service)).resolves.toBe(200);
    process.kill(there.pid, 'SIGSTOP');
    await here.admin('DELETE', `clients/${service.id}`);
    const until = performance.now() + promised;
    await waitFor('a second has gone', () => performance.now() > until);
    const asking = askForToken(there, service);
    process.kill(there.pid, 'SIGCONT');
    await expect(asking).resolves.toBe(401);
    await there.stop();
    await here.dispose();
  });
});

describe('a server on the embedded database', () => {
  let server: RunningGatehouse;
  beforeAll(async () => {
    server = await startGatehouse();
  });
  afterAll(() => server.dispose());

  it('refuses a client within a second of its deletion by a command beside it', async () => {
    for (let round = 0; round < 3; round += 1) {
      const service = await makeService(server);
      const remove = () =>
        gatehouse({ GATEHOUSE_DATA_DIR: server.dataDir }, ['client', 'delete', service.id]);
      const took = await servedAfter(server, service, remove);
      expect(took).toBeLessThan(promised);
    }
  });

  it('refuses a client at once that it has deleted itself', async () => {
    const service = await makeService(server);
    const took = await servedAfter(server, service, () => server.admin('DELETE', `clients/${service.id}`));
    expect(took).toBe(0);
  });
});
