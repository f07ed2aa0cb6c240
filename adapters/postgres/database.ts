import { AsyncLocalStorage } from 'node:async_hooks';
import knex, { type Knex } from 'knex';
import { StartError } from '../../server/errors.ts';
import type { InTransaction } from '../../server/transaction.ts';

export interface DatabaseOptions {
  /** A `postgres://` URL, or the Unix socket of the embedded database. */
  where: { kind: 'url'; url: string } | { kind: 'socket'; directory: string };
  poolMax: number;
  /** Milliseconds that a caller waits for a free connection before it gets `unavailable`. */
  acquireTimeout: number;
  connectTimeout: number;
  /** Milliseconds; the embedded database does not enforce it. */
  statementTimeout: number;
}

/** The one way to PostgreSQL. Stores ask `current()` at every call, so that they take part in an open transaction. */
export interface Database {
  /** The open transaction of the running request, or else the pool. */
  current(): Knex;
  inTransaction: InTransaction;
  /** Resolves when the database answers; rejects with the driver's error. */
  ping(): Promise<void>;
  /** Connections in use, free, and callers waiting. */
  pool(): { used: number; free: number; waiting: number };
  close(): Promise<void>;
}

export function openDatabase(options: DatabaseOptions): Database {
  const pool = knex({
    client: 'pg',
    connection: connectionOf(options),
    // Messages of errors keep their placeholders: the values of a statement are hashes, addresses and worse.
    compileSqlOnError: false,
    // knex would write to standard output past the log; what it says there it also throws.
    log: { debug: nothing, warn: nothing, error: nothing, deprecate: nothing },
    acquireConnectionTimeout: options.acquireTimeout,
    pool: {
      min: 0,
      max: options.poolMax,
      idleTimeoutMillis: 30_000,
      createTimeoutMillis: options.connectTimeout,
    },
  });
  const open = new AsyncLocalStorage<Knex.Transaction>();
  return {
    current: () => open.getStore() ?? pool,
    inTransaction: (work) =>
      open.getStore() === undefined ? pool.transaction((trx) => open.run(trx, work)) : work(),
    ping: async () => {
      await pool.raw('select 1');
    },
    pool: () => {
      const { numUsed, numFree, numPendingAcquires } = pool.client.pool;
      return {
        used: numUsed.call(pool.client.pool),
        free: numFree.call(pool.client.pool),
        waiting: numPendingAcquires.call(pool.client.pool),
      };
    },
    close: () => pool.destroy(),
  };
}

function nothing(): void {}

function connectionOf({ where, connectTimeout, statementTimeout }: DatabaseOptions): Knex.PgConnectionConfig {
  if (where.kind === 'socket') {
    // The socket leads to one backend session that all connections share: no session settings there (docs/decisions/0002).
    return {
      host: where.directory,
      user: 'postgres',
      database: 'postgres',
      ssl: false,
      connectionTimeoutMillis: connectTimeout,
    };
  }
  return {
    connectionString: where.url,
    application_name: 'gatehouse',
    connectionTimeoutMillis: connectTimeout,
    statement_timeout: statementTimeout,
    idle_in_transaction_session_timeout: statementTimeout,
  };
}

/** Waits for nothing: the database must answer now, or the process does not start. The URL's password is not shown. */
export async function assertReachable(database: Database, shown: string): Promise<void> {
  try {
    await database.ping();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message || cause.name : String(cause);
    throw new StartError(
      `The database ${shown} cannot be reached: ${why}`,
      'Check GATEHOUSE_DATABASE_URL, that the server runs, and that it lets this user in.',
      1,
      cause,
    );
  }
}
