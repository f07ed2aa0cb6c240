/** A host and its port. */
export interface RedisHost {
  host: string;
  port: number;
}

/** What a Redis URL says, every default filled in. */
export interface RedisAddress {
  /** One server; sentinels that know which server is the primary of `service`; or nodes of a cluster. */
  where:
    | { kind: 'server'; hosts: readonly [RedisHost] }
    | {
        kind: 'sentinel';
        hosts: readonly RedisHost[];
        service: string;
        /** For the sentinels; the other pair is for the servers. */
        username: string | undefined;
        password: string | undefined;
      }
    | { kind: 'cluster'; hosts: readonly RedisHost[] };
  /** Encrypted, with a certificate that is valid, comes from a trusted authority and names the host. */
  tls: boolean;
  username: string | undefined;
  password: string | undefined;
  database: number;
}

export type ParsedRedisUrl =
  | { kind: 'parsed'; address: RedisAddress }
  /** To be read after the setting's name; repeats nothing of the URL. */
  | { kind: 'refused'; why: string };

const shape =
  /^(rediss?)(?:\+(sentinel|cluster))?:\/\/(?:([^/?#]*)@)?([^/?#@]+)(?:\/([^/?#]*))?(?:\?([^#]*))?$/;
const hostShape = /^(\[[0-9a-fA-F:.]+\]|[^:[\]\s]+)(?::(\d{1,5}))?$/;
const usualPort = { server: 6379, sentinel: 26_379, cluster: 6379 } as const;

/**
 * Reads `redis[s]://user:password@host:port/database`, `redis[s]+sentinel://host,host/service?db=0` and
 * `redis[s]+cluster://host,host`. `sentinel_username` and `sentinel_password` are parameters of the second form.
 */
export function parseRedisUrl(url: string): ParsedRedisUrl {
  try {
    return { kind: 'parsed', address: parse(url) };
  } catch (error) {
    if (error instanceof UrlFault) return { kind: 'refused', why: error.message };
    throw error;
  }
}

/** Its hosts, as they may be shown; user and password are nobody's business. */
export function showRedis({ where }: Pick<RedisAddress, 'where'>): string {
  return where.hosts.map(showHost).join(',');
}

export function showHost({ host, port }: RedisHost): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** Whether all that is said to it, as far as the URL tells, stays on this machine. */
export function staysOnMachine({ where }: Pick<RedisAddress, 'where'>): boolean {
  return where.hosts.every(({ host }) => /^(?:localhost|127(?:\.\d{1,3}){3}|::1)$/i.test(host));
}

class UrlFault extends Error {}

function parse(url: string): RedisAddress {
  const [, scheme, kind = 'server', login, list, path = '', query] = shape.exec(url) ?? [];
  if (list === undefined || (kind !== 'server' && kind !== 'sentinel' && kind !== 'cluster'))
    throw new UrlFault(
      'must be a URL that begins with redis://, redis+sentinel:// or redis+cluster:// (rediss for TLS); special characters in its user name and password are percent-encoded',
    );
  const hosts = list.split(',').map((item) => readHost(item, usualPort[kind]));
  const parameters = readParameters(query, kind === 'sentinel' ? sentinelParameters : []);
  const [user, ...rest] = (login ?? '').split(':');
  const shared = { tls: scheme === 'rediss', username: decode(user), password: decode(rest.join(':')) };
  switch (kind) {
    case 'server': {
      const [host, ...others] = hosts;
      if (host === undefined || others.length > 0)
        throw new UrlFault('names several hosts: several are for redis+sentinel:// and redis+cluster://');
      return { ...shared, where: { kind, hosts: [host] }, database: databaseOf(path) };
    }
    case 'sentinel': {
      const service = decode(path);
      if (service === undefined)
        throw new UrlFault(
          'must end with the name of what the sentinels watch, as in redis+sentinel://a,b/mymaster',
        );
      const { db = '', sentinel_username: username, sentinel_password: password } = parameters;
      return { ...shared, where: { kind, hosts, service, username, password }, database: databaseOf(db) };
    }
    case 'cluster':
      if (path !== '' && path !== '0') throw new UrlFault('names a database: a cluster has only one');
      return { ...shared, where: { kind, hosts }, database: 0 };
    default:
      return kind satisfies never;
  }
}

function readHost(item: string, otherwise: number): RedisHost {
  const [, host, port] = hostShape.exec(item) ?? [];
  const number = Number(port ?? otherwise);
  if (host === undefined || number < 1 || number > 65_535)
    throw new UrlFault('has a host or port that is not one');
  return { host: host.replace(/^\[|\]$/g, ''), port: number };
}

const sentinelParameters = ['db', 'sentinel_username', 'sentinel_password'] as const;

function readParameters(query: string | undefined, known: readonly string[]): Record<string, string> {
  const given = [...new URLSearchParams(query ?? '')];
  // One that is ignored in silence may be one that protects.
  if (given.some(([name]) => !known.includes(name)))
    throw new UrlFault(
      known.length === 0
        ? 'has parameters, and this form knows none'
        : `has other parameters than ${known.join(', ')}`,
    );
  return Object.fromEntries(given);
}

function databaseOf(text: string): number {
  if (!/^\d{0,4}$/.test(text)) throw new UrlFault('names a database that is not a number');
  return Number(text);
}

function decode(text: string | undefined): string | undefined {
  if (text === undefined || text === '') return undefined;
  try {
    return decodeURIComponent(text);
  } catch {
    throw new UrlFault('has a % that does not begin a percent-encoded character');
  }
}
