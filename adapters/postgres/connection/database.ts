import knex, { type Knex } from 'knex';
import type { AppError } from '../../../server/errors.ts';
import type { InTransaction } from '../../../server/transaction.ts';
import { type ConnectOptions, makeConnector } from './connect.ts';
import { makeGate } from './gate.ts';
import { makePooledClient } from './pooled-client.ts';
import { makeRetry } from './retry.ts';
import { makeStatementNames, noNames } from './statement-names.ts';
import { makeTimeLimits } from './time-limits.ts';
import { makeTransactions } from './transactions.ts';

export interface DatabaseOptions extends ConnectOptions {
  poolMax: number;
  /** Milliseconds that a caller waits for a free connection before it gets `unavailable`. */
  acquireTimeout: number;
  /** Callers that may wait for a connection at once; more get `unavailable` at once. 200 when left out. */
  queueMax?: number;
  /** Milliseconds that one request may wait for the database, all in all; 4000 when left out. */
  requestTimeout?: number;
}

/**
 * The one way to PostgreSQL. Stores ask `current()` at every call, so that they take part in an open transaction. Whatever the
 * reason why it cannot serve now, its callers get an AppError `unavailable`, in time.
 */
export interface Database {
  /** The open transaction of the running request, or else the pool. */
  current(): Knex;
  /** Sends one statement, in which `?` stands for a value: there as well, and past what builds statements. */
  run<T>(text: string, values: readonly unknown[]): Promise<T[]>;
  inTransaction: InTransaction;
  /** Runs a request: what it waits for the database, all in all, is limited. */
  forRequest<T>(work: () => Promise<T>): Promise<T>;
  /** What the running request was refused by the database first, even if somebody has caught it. */
  failure(): AppError | undefined;
  /** Runs work whose statements may take as long as they need, such as migrations. */
  patiently<T>(work: () => Promise<T>): Promise<T>;
  /** Resolves when the database answers; rejects with AppError `unavailable` and the reason as its cause. */
  ping(): Promise<void>;
  /** Connections in use, free, and callers waiting. */
  pool(): { used: number; free: number; waiting: number };
  close(): Promise<void>;
}

/** Milliseconds that the server has, beyond its own time-out, to say itself that a statement took too long. */
const grace = 250;
/** A session is replaced after so long at the latest, so that servers that come back get their share again. */
const sessionLife = { most: 30 * 60_000, spread: 5 * 60_000 };

/** What is used of knex's client, of the pool or of a transaction, to send a statement as it stands. */
interface StatementClient<T> {
  acquireConnection(): Promise<unknown>;
  query(
    session: unknown,
    statement: { sql: string; bindings: readonly unknown[] },
  ): Promise<{ response: { rows: T[] } }>;
  releaseConnection(session: unknown): Promise<void>;
}

/** Whether what is left on a session is there for the next statement, and for nobody else. */
const ownsItsSessions = ({ where, pooler = 'none' }: DatabaseOptions): boolean =>
  where.kind === 'url' && pooler === 'none';

export function openDatabase(options: DatabaseOptions): Database {
  const { acquireTimeout, connectTimeout, statementTimeout, poolMax } = options;
  const { queueMax = 200, requestTimeout = 4000 } = options;
  const limits = makeTimeLimits();
  const retry = makeRetry();
  const pool = knex({
    client: makePooledClient({
      connector: makeConnector(options),
      gate: makeGate({ limits, acquireTimeout, queueMax }),
      limits,
      retry,
      statementTimeout: statementTimeout + grace,
      names: ownsItsSessions(options) ? makeStatementNames() : noNames,
    }),
    // Only says that there is a database: the connector opens the sessions.
    connection: {},
    // Messages of errors keep their placeholders: the values of a statement are hashes, addresses and worse.
    compileSqlOnError: false,
    // knex would write to standard output past the log; what it says there it also throws.
    log: { debug: nothing, warn: nothing, error: nothing, deprecate: nothing },
    // The gate keeps the real time; this one is for what waits patiently.
    acquireConnectionTimeout: 60 * 60_000,
    pool: {
      min: 0,
      max: poolMax,
      idleTimeoutMillis: 30_000,
      createTimeoutMillis: 2 * connectTimeout,
      maxConnectionLifetimeMillis: sessionLife.most,
      maxConnectionLifetimeJitterMillis: sessionLife.spread,
    },
  });
  const { current, inTransaction } = makeTransactions(pool, retry, limits);
  return {
    current,
    async run<T>(text: string, values: readonly unknown[]): Promise<T[]> {
      const { client }: { client: StatementClient<T> } = current();
      const session = await client.acquireConnection();
      try {
        const { response } = await client.query(session, { sql: text, bindings: values });
        return response.rows;
      } finally {
        await client.releaseConnection(session);
      }
    },
    inTransaction,
    forRequest: (work) => limits.forRequest(requestTimeout, work),
    failure: limits.failure,
    patiently: limits.patiently,
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
