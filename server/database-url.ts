/** One server that a database URL names: a host, or the folder of a Unix socket. */
export interface DatabaseHost {
  host: string;
  port: number;
}

/** What a database URL says, every default filled in. */
export interface DatabaseAddress {
  /** In the order in which they are tried. */
  hosts: readonly DatabaseHost[];
  user: string | undefined;
  password: string | undefined;
  database: string | undefined;
  /**
   * `verified`: the certificate must be valid, come from a trusted authority and name the host (sslmode=verify-full).
   * `unverified`: encrypted, with whoever answers. `off`: not encrypted.
   */
  tls: 'verified' | 'unverified' | 'off';
  /** File with the authorities that are trusted instead of the well-known ones. */
  caFile: string | undefined;
  certFile: string | undefined;
  keyFile: string | undefined;
  applicationName: string | undefined;
  /** Settings of the session for the server's start-up message, as `-c name=value`. */
  options: string | undefined;
}

export type ParsedDatabaseUrl =
  | { kind: 'parsed'; address: DatabaseAddress }
  /** To be read after the setting's name; repeats nothing of the URL but names of parameters. */
  | { kind: 'refused'; why: string };

const shape = /^postgres(?:ql)?:\/\/(?:([^/?#]*)@)?([^/?#@]*)(?:\/([^/?#]*))?(?:\?([^#]*))?$/;
const hostShape = /^(\[[0-9a-fA-F:.]+\]|[^:[\]\s]*)(?::(\d{1,5}))?$/;

/** Parameters that mean something here. Others are refused: one that is ignored in silence may be one that protects. */
const known = [
  'host',
  'port',
  'sslmode',
  'sslrootcert',
  'sslcert',
  'sslkey',
  'application_name',
  'options',
  'target_session_attrs',
] as const;
type Parameters = Partial<Record<(typeof known)[number], string>>;

/**
 * Reads a PostgreSQL URL as libpq writes them, several hosts included, but with the safe reading wherever there are two:
 * a host on a network is spoken to by verified TLS unless the URL says otherwise, and `require` verifies as well.
 */
export function parseDatabaseUrl(url: string): ParsedDatabaseUrl {
  try {
    return { kind: 'parsed', address: parse(url) };
  } catch (error) {
    if (error instanceof UrlFault) return { kind: 'refused', why: error.message };
    throw error;
  }
}

/** Whether all that is said to the database stays on this machine. */
export function staysOnMachine({ hosts }: Pick<DatabaseAddress, 'hosts'>): boolean {
  return hosts.every(
    ({ host }) => host.startsWith('/') || /^(?:localhost|127(?:\.\d{1,3}){3}|::1)$/i.test(host),
  );
}

/** Hosts and database as they may be shown; user and password are nobody's business. */
export function showDatabase({ hosts, database }: DatabaseAddress): string {
  const shown = hosts.map(({ host, port }) => `${host.includes(':') ? `[${host}]` : host}:${port}`);
  return `${shown.join(',')}${database === undefined ? '' : `/${database}`}`;
}

class UrlFault extends Error {}

function parse(url: string): DatabaseAddress {
  const [, login, hostList, name, query] = shape.exec(url) ?? [];
  if (hostList === undefined)
    throw new UrlFault(
      'must be a URL that begins with postgres:// or postgresql://; special characters in its user name and password are percent-encoded',
    );
  const parameters = readParameters(query ?? '');
  const [user, ...rest] = (login ?? '').split(':');
  const hosts = readHosts(parameters.host ?? hostList, parameters.port);
  refuseOtherTargets(parameters.target_session_attrs);
  const tls = tlsOf(parameters.sslmode, hosts);
  if (tls !== 'verified' && parameters.sslrootcert !== undefined)
    throw new UrlFault('names sslrootcert, but its sslmode does not verify the server');
  return {
    hosts,
    user: decode(user),
    password: decode(rest.join(':')),
    database: decode(name),
    tls,
    caFile: parameters.sslrootcert === 'system' ? undefined : parameters.sslrootcert,
    certFile: parameters.sslcert,
    keyFile: parameters.sslkey,
    applicationName: parameters.application_name,
    options: parameters.options,
  };
}

function readParameters(query: string): Parameters {
  const parameters: Parameters = {};
  for (const [name, value] of new URLSearchParams(query)) {
    const key = known.find((candidate) => candidate === name);
    if (key === undefined)
      throw new UrlFault(
        `has ${/^[a-z_]{1,30}$/.test(name) ? `the parameter ${name}` : 'a parameter'}, which is not known here; known are ${known.join(', ')}`,
      );
    if (parameters[key] !== undefined) throw new UrlFault(`has the parameter ${key} twice`);
    if (value !== '') parameters[key] = value;
  }
  return parameters;
}

function readHosts(list: string, ports: string | undefined): DatabaseHost[] {
  const items = list.split(',');
  const defaults = (ports ?? '5432').split(',');
  return items.map((item, index) => {
    const [matched, host = '', port] = hostShape.exec(item) ?? [];
    if (matched === undefined) throw new UrlFault('has a host that is not one');
    const fallback = defaults.length === 1 ? defaults[0] : defaults[index];
    return {
      host: decode(host.replace(/^\[|\]$/g, '')) ?? 'localhost',
      port: portOf(Number(port ?? fallback)),
    };
  });
}

function portOf(port: number): number {
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new UrlFault('has a port that is not one');
}

/** This server writes, whatever it is asked for; so a server that may only be read is never the right one. */
function refuseOtherTargets(wanted: string | undefined): void {
  if (wanted === undefined || wanted === 'read-write' || wanted === 'primary') return;
  throw new UrlFault('has another target_session_attrs than read-write, which is the one that works here');
}

function tlsOf(mode: string | undefined, hosts: readonly DatabaseHost[]): DatabaseAddress['tls'] {
  switch (mode) {
    case undefined:
      return staysOnMachine({ hosts }) ? 'off' : 'verified';
    case 'require':
    case 'verify-ca':
    case 'verify-full':
      return 'verified';
    case 'no-verify':
      return 'unverified';
    case 'disable':
      return 'off';
    default:
      throw new UrlFault(
        'has an sslmode other than verify-full, require, verify-ca, no-verify and disable; prefer and allow would go without encryption when somebody in between wants it',
      );
  }
}

function decode(text: string | undefined): string | undefined {
  if (text === undefined || text === '') return undefined;
  try {
    return decodeURIComponent(text);
  } catch {
    throw new UrlFault('has a % that does not begin a percent-encoded character');
  }
}
