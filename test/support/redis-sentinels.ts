import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import { startKept } from './kept-process.ts';
import { ask, startRedis, type TestRedis } from './redis.ts';
import { redisProgram } from './requirements.ts';
import { makeTempDir } from './temp-dir.ts';
import { waitFor } from './wait-for.ts';

export interface RedisWithSentinels {
  /** `redis+sentinel://…/gatehouse` with all sentinels. */
  url: string;
  /** The servers, the first one primary at the beginning. */
  servers: readonly [TestRedis, TestRedis];
  /** The one that the sentinels call the primary now. */
  primary(): Promise<TestRedis>;
  stop(): Promise<void>;
}

const name = 'gatehouse';

/** Two servers, one of them a replica of the other, under three sentinels that promote it within some two seconds. */
export async function startRedisWithSentinels(): Promise<RedisWithSentinels> {
  const first = await startRedis();
  const second = await startRedis({ settings: { replicaof: `127.0.0.1 ${first.port}` } });
  const servers = [first, second] as const;
  const sentinels = await Promise.all([1, 2, 3].map(() => startSentinel(first.port)));
  const primaryPort = async (): Promise<number> => {
    const answers = await Promise.all(
      sentinels.map(({ url }) => ask(url, ['SENTINEL', 'GET-MASTER-ADDR-BY-NAME', name])),
    );
    const ports = new Set(answers.map((answer) => Number(Array.isArray(answer) ? answer[1] : Number.NaN)));
    const [port = Number.NaN] = ports;
    return ports.size === 1 ? port : Number.NaN;
  };
  const primary = async (): Promise<TestRedis> => {
    const port = await waitFor('the sentinels agree', async () => (await primaryPort()) || undefined);
    const found = servers.find((server) => server.port === port);
    if (found === undefined) throw new Error(`The sentinels name port ${port}, which is none of ours.`);
    return found;
  };
  await waitFor('the sentinels know the replica and each other', async () => {
    const answers = await Promise.all(
      sentinels.map(({ url }) => ask(url, ['SENTINEL', 'CKQUORUM', name]).catch(String)),
    );
    const replicas = await ask(sentinels[0]?.url ?? '', ['SENTINEL', 'REPLICAS', name]);
    return answers.every((answer) => /^OK 3 /.test(String(answer))) && JSON.stringify(replicas).length > 2;
  });
  return {
    url: `redis+sentinel://${sentinels.map(({ port }) => `127.0.0.1:${port}`).join(',')}/${name}`,
    servers,
    primary,
    async stop() {
      await Promise.all([...servers, ...sentinels].map((server) => server.stop()));
    },
  };
}

async function startSentinel(primary: number) {
  const port = await freePort();
  const { path: directory } = await makeTempDir('sentinel');
  // It writes into its own configuration what it learns.
  const file = join(directory, 'sentinel.conf');
  writeFileSync(
    file,
    [
      `port ${port}`,
      'bind 127.0.0.1',
      `dir ${directory}`,
      `sentinel monitor ${name} 127.0.0.1 ${primary} 2`,
      `sentinel down-after-milliseconds ${name} 1000`,
      `sentinel failover-timeout ${name} 3000`,
      '',
    ].join('\n'),
  );
  const server = startKept(redisProgram() ?? 'redis-server', [file, '--sentinel'], { cwd: directory });
  const url = `redis://127.0.0.1:${port}`;
  await waitFor('the sentinel answers', () => {
    if (!server.alive()) throw new Error(`the sentinel ended at once:\n${server.output()}`);
    return ask(url, ['PING']).then(
      () => true,
      () => false,
    );
  });
  return {
    url,
    port,
    async stop() {
      if (server.alive()) server.send('SIGKILL');
      await server.ended;
    },
  };
}
