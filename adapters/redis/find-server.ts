import { type RedisAddress, type RedisHost, showHost } from '../../server/redis-url.ts';
import { openSession, optionsFor, type RedisSession } from './session.ts';

/**
 * Opens a connection to a server that hears and passes on every message: the one there is, the primary that the sentinels
 * name, or any healthy node of a cluster, since a cluster passes messages to all its nodes.
 *
 * @throws Error with the reason of each host that would not do
 */
export async function openServer(address: RedisAddress, caFile: string | undefined): Promise<RedisSession> {
  const { where } = address;
  const options = optionsFor(address, caFile);
  switch (where.kind) {
    case 'server':
      return openChecked(where.hosts[0], (host) => openSession(host, options), isThere);
    case 'sentinel': {
      const primary = await firstOf(where.hosts, (host) => askSentinel(host, address, caFile));
      return openChecked(primary, (host) => openSession(host, options), isPrimary);
    }
    case 'cluster':
      return firstOf(where.hosts, (host) =>
        openChecked(host, (node) => openSession(node, options), isInWholeCluster),
      );
    default:
      return where satisfies never;
  }
}

type Check = (session: RedisSession) => Promise<void>;

/** A server that passes the check, now and for as long as the session lasts. */
async function openChecked(
  host: RedisHost,
  open: (host: RedisHost) => Promise<RedisSession>,
  check: Check,
): Promise<RedisSession> {
  const session = await open(host);
  try {
    await check(session);
    session.keepChecking(check);
    return session;
  } catch (error) {
    session.end(error);
    throw error;
  }
}

const isThere: Check = async (session) => {
  await session.ask('PING');
};

/** Sentinels may be late to notice, and a replica passes on to nobody what is published on it. */
const isPrimary: Check = async (session) => {
  const role = await session.ask('ROLE');
  if (!Array.isArray(role) || role[0] !== 'master') throw new Error('it is not the primary');
};

const isInWholeCluster: Check = async (session) => {
  const info = String(await session.ask('CLUSTER', 'INFO'));
  if (!info.includes('cluster_state:ok')) throw new Error('its cluster is not whole');
};

async function askSentinel(
  host: RedisHost,
  { where, tls }: RedisAddress,
  caFile: string | undefined,
): Promise<RedisHost> {
  if (where.kind !== 'sentinel') throw new Error('there are no sentinels');
  const { username, password, service } = where;
  const session = await openSession(host, { username, password, database: 0, tls, caFile });
  try {
    const answer = await session.ask('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', service);
    const [name, port] = Array.isArray(answer) ? answer : [];
    if (typeof name !== 'string' || !Number.isInteger(Number(port)))
      throw new Error(`this sentinel watches nothing that is called ${JSON.stringify(service)}`);
    return { host: name, port: Number(port) };
  } finally {
    session.end(new Error('asked'));
  }
}

/** The first host, in an order that differs from process to process, that gives an answer. */
async function firstOf<T>(hosts: readonly RedisHost[], ask: (host: RedisHost) => Promise<T>): Promise<T> {
  const reasons: string[] = [];
  for (const host of shuffled(hosts)) {
    try {
      return await ask(host);
    } catch (error) {
      reasons.push(`${showHost(host)}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  throw new Error(reasons.join('; '));
}

function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, order: Math.random() }))
    .sort((one, other) => one.order - other.order)
    .map(({ item }) => item);
}
