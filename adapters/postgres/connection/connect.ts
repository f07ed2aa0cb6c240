import { readFile } from 'node:fs/promises';
import type { ConnectionOptions } from 'node:tls';
import type pg from 'pg';
import { type DatabaseAddress, type DatabaseHost, parseDatabaseUrl } from '../../../server/database-url.ts';
import { describe } from './failures.ts';
import { Session } from './session.ts';

export interface ConnectOptions {
  /** A `postgres://` URL, or the Unix socket of the embedded database. */
  where: { kind: 'url'; url: string } | { kind: 'socket'; directory: string };
  /** Milliseconds that opening a connection may take, the hosts of the URL together. */
  connectTimeout: number;
  /** Milliseconds after which the server gives up a statement; the embedded database does not. */
  statementTimeout: number;
  /** Milliseconds that a transaction may be open without a statement; that of one statement when left out. */
  idleTransactionTimeout?: number;
  /** File with the authorities that are trusted, where the URL names none. */
  caFile?: string | undefined;
  /** `transaction`: a pooler stands between, so nothing may be left on a session. */
  pooler?: 'none' | 'transaction';
}

export interface Connector {
  /** A new session on a server that takes writes. */
  open(): Promise<Session>;
  /** That server has stopped to take writes: sessions that were opened before are of no use any more. */
  distrust(): void;
  isCurrent(session: Session): boolean;
}

/** Opens sessions, of several hosts on the first that takes writes. */
export function makeConnector(options: ConnectOptions): Connector {
  let epoch = 0;
  const { where } = options;
  const isCurrent = (session: Session): boolean => session.epoch === epoch;
  const distrust = (): void => {
    epoch += 1;
  };
  if (where.kind === 'socket') {
    // It leads to one backend session that all connections share: no session settings there (docs/decisions/0002).
    const config = { host: where.directory, user: 'postgres', database: 'postgres', ssl: false };
    return {
      open: () => openWithin(new Session(config, epoch), options.connectTimeout, async () => {}),
      distrust,
      isCurrent,
    };
  }
  const parsed = parseDatabaseUrl(where.url);
  if (parsed.kind === 'refused') throw new Error(`the database URL ${parsed.why}`);
  const { address } = parsed;
  /** Where the last one was opened; the others are asked first only when it fails. */
  let last: DatabaseHost | undefined;
  const inOrder = (): DatabaseHost[] =>
    address.hosts.toSorted((one, other) => Number(other === last) - Number(one === last));
  return {
    async open() {
      const ssl = await readTls(address, options.caFile);
      const failures: unknown[] = [];
      for (const host of inOrder()) {
        const session = new Session({ ...configOf(address, options), ...host, ssl }, epoch);
        try {
          const share = options.connectTimeout / address.hosts.length;
          const opened = await openWithin(session, share, (fresh) => prepare(fresh, options));
          last = host;
          return opened;
        } catch (error) {
          failures.push(error);
        }
      }
      throw failures.length === 1 ? failures[0] : new NoHost(address.hosts, failures);
    },
    distrust,
    isCurrent,
  };
}

/** No host of several would do. */
class NoHost extends AggregateError {
  constructor(hosts: readonly DatabaseHost[], failures: readonly unknown[]) {
    const reasons = hosts.map(({ host, port }, index) => `${host}:${port}: ${describe(failures[index])}`);
    super(failures, reasons.join('; '));
  }
}

/** The server is there and cannot be used as it is. */
export class UnfitServer extends Error {
  /** What an operator does about it. */
  readonly remedy: string;

  constructor(message: string, remedy: string) {
    super(message);
    this.remedy = remedy;
  }
}

async function openWithin(
  session: Session,
  limit: number,
  prepareIt: (session: Session) => Promise<void>,
): Promise<Session> {
  let late: Error | undefined;
  const timer = setTimeout(() => {
    late = new Error(`no connection within ${limit} ms`);
    session.cut(late);
  }, limit);
  try {
    await session.connect();
    await prepareIt(session);
    return session;
  } catch (error) {
    session.cut(error);
    throw late ?? error;
  } finally {
    clearTimeout(timer);
  }
}

function configOf(address: DatabaseAddress, options: ConnectOptions): pg.ClientConfig {
  const { statementTimeout, idleTransactionTimeout = statementTimeout, pooler = 'none' } = options;
  return {
    ...(address.user === undefined ? {} : { user: address.user }),
    ...(address.password === undefined ? {} : { password: address.password }),
    ...(address.database === undefined ? {} : { database: address.database }),
    application_name: address.applicationName ?? 'gatehouse',
    ...(address.options === undefined ? {} : { options: address.options }),
    // A pooler refuses what it cannot give to the next one again.
    ...(pooler === 'none'
      ? {
          statement_timeout: statementTimeout,
          idle_in_transaction_session_timeout: idleTransactionTimeout,
        }
      : {}),
  };
}

/** Files are read for each connection, so that a certificate that was replaced is used from then on. */
async function readTls(
  { tls, caFile, certFile, keyFile }: DatabaseAddress,
  otherwise: string | undefined,
): Promise<false | ConnectionOptions> {
  if (tls === 'off') return false;
  const read = async (path: string | undefined) => (path === undefined ? undefined : readFile(path));
  const [ca, cert, key] = await Promise.all([caFile ?? otherwise, certFile, keyFile].map(read));
  return {
    rejectUnauthorized: tls === 'verified',
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
}

interface SessionFacts {
  read_only: boolean;
  commit_mode: string;
}

/** Levels that acknowledge a commit before it is on disk here, or on the standby that the operator waits for. */
const weakCommits = ['off', 'local', 'remote_write'];

/**
 * A server that takes writes, and that has what it acknowledges on disk: a used code or a revoked token that comes back after
 * a crash would be worse than a slow one.
 *
 * @throws UnfitServer
 */
async function prepare(session: Session, { pooler = 'none' }: ConnectOptions): Promise<void> {
  const { rows } = await session.query<SessionFacts>(
    `select pg_is_in_recovery() or current_setting('transaction_read_only') = 'on' as read_only,
       current_setting('synchronous_commit') as commit_mode`,
  );
  const [facts] = rows;
  if (facts === undefined || facts.read_only) {
    throw new UnfitServer(
      'this server takes no writes: it is a standby, or set to read only',
      'Name the primary, or all servers of the cluster: postgres://user@one,two/database.',
    );
  }
  if (!weakCommits.includes(facts.commit_mode)) return;
  if (pooler === 'none') {
    await session.query('set synchronous_commit = on');
    return;
  }
  throw new UnfitServer(
    `this server acknowledges what a crash may undo (synchronous_commit is ${facts.commit_mode}), and a session behind a pooler cannot change it`,
    'As a superuser: alter role <the user of GATEHOUSE_DATABASE_URL> set synchronous_commit = on',
  );
}
