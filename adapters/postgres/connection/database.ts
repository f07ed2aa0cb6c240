import knex, { type Knex } from 'knex';
import type { AppError } from '../../../server/errors.ts';
import type { InTransaction } from '../../../server/transaction.ts';
import { type ConnectOptions, makeConnector } from './connect.ts';
import { makePooledClient } from './pooled-client.ts';
import { makeRetry } from './retry.ts';
import { makeRun } from './run.ts';
import { makeSessionPool } from './session-pool.ts';
import { makeStatementNames, noNames } from './statement-names.ts';
import { makeStatements } from './statements.ts';
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
/** Whether what is left on a session is there for the next statement, and for nobody else. */
const ownsItsSessions = ({ where, pooler = 'none' }: DatabaseOptions): boolean =>
  where.kind === 'url' && pooler === 'none';

export function openDatabase(options: DatabaseOptions): Database {
  const { acquireTimeout, statementTimeout, poolMax, queueMax = 200, requestTimeout = 4000 } = options;
  const limits = makeTimeLimits();
  const retry = makeRetry();
  const connector = makeConnector(options);
  const pool = makeSessionPool({ connector, limits, most: poolMax, acquireTimeout, queueMax });
  const statements = makeStatements({
    connector,
    limits,
    retry,
    statementTimeout: statementTimeout + grace,
    names: ownsItsSessions(options) ? makeStatementNames() : noNames,
  });
  const builder = knex({
    client: makePooledClient({ pool, statements }),
    // Only says that there is a database: the sessions are the pool's.
    connection: {},
    pool: { max: 0 },
    // Messages of errors keep their placeholders: the values of a statement are hashes, addresses and worse.
    compileSqlOnError: false,
    // knex would write to standard output past the log; what it says there it also throws.
    log: { debug: nothing, warn: nothing, error: nothing, deprecate: nothing },
  });
  const transactions = makeTransactions(builder, retry, limits);
  return {
    current: transactions.current,
    run: makeRun({ pool, statements, transactions }),
    inTransaction: transactions.inTransaction,
    forRequest: (work) => limits.forRequest(requestTimeout, work),
    failure: limits.failure,
    patiently: limits.patiently,
    ping: async () => {
      await builder.raw('select 1');
    },
    pool: pool.counts,
    async close() {
      await builder.destroy();
      await pool.close();
    },
  };
}

function nothing(): void {}
