import { freePort } from './free-port.ts';
import { startRedis, type TestRedis } from './redis.ts';
import { waitFor } from './wait-for.ts';

export interface RedisCluster {
  /** `redis+cluster://…` with the first three nodes. */
  url: string;
  /** Three primaries, then the replica of each. */
  nodes: readonly TestRedis[];
  /** The nodes that are primaries now, as node `by` sees it. */
  primaries(by: TestRedis): Promise<TestRedis[]>;
  stop(): Promise<void>;
}

const slots = 16_384;
const size = 3;

/** Three primaries with a replica each, which takes over within some two seconds. */
export async function startRedisCluster(): Promise<RedisCluster> {
  const nodes = await Promise.all(Array.from({ length: 2 * size }, startNode));
  const [first] = nodes;
  if (first === undefined) throw new Error('no node');
  for (const { port, bus } of nodes.slice(1))
    await first.command('CLUSTER', 'MEET', '127.0.0.1', String(port), String(bus));
  for (const [index, node] of nodes.slice(0, size).entries()) {
    const from = Math.ceil((index * slots) / size);
    const to = Math.ceil(((index + 1) * slots) / size) - 1;
    await node.command('CLUSTER', 'ADDSLOTSRANGE', String(from), String(to));
  }
  for (const [index, replica] of nodes.slice(size).entries()) {
    const id = String(await nodes[index]?.command('CLUSTER', 'MYID'));
    // Refused until the two have heard of each other.
    await waitFor('the replica has its primary', () =>
      replica.command('CLUSTER', 'REPLICATE', id).then(
        () => true,
        () => false,
      ),
    );
  }
  await waitFor('the cluster is whole', async () => {
    const infos = await Promise.all(nodes.map((node) => node.command('CLUSTER', 'INFO')));
    const whole = infos.every((info) => /cluster_state:ok[\s\S]*cluster_known_nodes:6/.test(String(info)));
    return whole && (await rolesSeenBy(first)).filter(({ role }) => role === 'slave').length === size;
  });
  return {
    url: `redis+cluster://${nodes
      .slice(0, size)
      .map(({ port }) => `127.0.0.1:${port}`)
      .join(',')}`,
    nodes,
    async primaries(by) {
      const ports = (await rolesSeenBy(by)).filter(({ role }) => role === 'master').map(({ port }) => port);
      return nodes.filter(({ port }) => ports.includes(port));
    },
    async stop() {
      await Promise.all(nodes.map((node) => node.stop()));
    },
  };
}

async function startNode(): Promise<TestRedis & { bus: number }> {
  const bus = await freePort();
  const node = await startRedis({
    settings: {
      'cluster-enabled': 'yes',
      'cluster-port': String(bus),
      'cluster-node-timeout': '1000',
      'cluster-replica-validity-factor': '0',
    },
  });
  return { ...node, bus };
}

/** The living nodes with their roles, from the lines of CLUSTER NODES. */
async function rolesSeenBy(node: TestRedis): Promise<{ port: number; role: 'master' | 'slave' }[]> {
  const lines = String(await node.command('CLUSTER', 'NODES'))
    .trim()
    .split('\n');
  return lines.flatMap((line) => {
    const [, address = '', flags = ''] = line.split(' ');
    if (/fail/.test(flags)) return [];
    const port = Number(/:(\d+)@/.exec(address)?.[1]);
    return [{ port, role: flags.includes('master') ? ('master' as const) : ('slave' as const) }];
  });
}
