import type { Knex } from 'knex';
import PostgresClient from 'knex/lib/dialects/postgres/index.js';
import { AppError } from '../../../server/errors.ts';
import type { Connector } from './connect.ts';
import { endsSession, isConflict, isReadOnly, isUnkept, NotInTime, translate } from './failures.ts';
import type { Gate, SessionPool } from './gate.ts';
import type { Retry } from './retry.ts';
import type { Session } from './session.ts';
import type { StatementNames } from './statement-names.ts';
import type { TimeLimits } from './time-limits.ts';

export interface PooledClientDeps {
  connector: Connector;
  gate: Gate;
  limits: TimeLimits;
  retry: Retry;
  /** Milliseconds after which this side gives up a statement. */
  statementTimeout: number;
  names: StatementNames;
}

interface Statement {
  sql: string;
  bindings?: readonly unknown[];
  /** Of pg, beside text and values. */
  options?: { name: string };
}

interface Answered {
  response: { command: string | null };
}

/** Milliseconds in which a session that is no longer wanted is ended in order. */
const leaveTime = 500;

/**
 * knex's client for PostgreSQL with what a server needs that must answer in time whatever the database does: all statements
 * of all stores pass through here. knex makes the client of a transaction without a constructor, so nothing is kept on `this`.
 */
export function makePooledClient(deps: PooledClientDeps): typeof Knex.Client {
  const { connector, gate, limits, retry, names } = deps;

  return class PooledClient extends PostgresClient {
    override async acquireRawConnection(): Promise<Session> {
      try {
        const session = await connector.open();
        gate.opened();
        return session;
      } catch (error) {
        gate.failed(poolOf(this), error);
        throw error;
      }
    }

    override async validateConnection(session: Session): Promise<boolean> {
      return session.reusable && connector.isCurrent(session);
    }

    override destroyRawConnection(session: Session): Promise<void> {
      return session.leave(leaveTime);
    }

    override async acquireConnection(): Promise<Session> {
      try {
        return await gate.enter(poolOf(this));
      } catch (error) {
        throw tell(limits, error, false);
      }
    }

    /** Translates here and not in `_query`: in between, knex puts the statement in front of the error's message. */
    override async query(session: Session, statement: unknown): Promise<unknown> {
      try {
        return await super.query(session, statement);
      } catch (error) {
        // The whole transaction is to be done again; transactions.ts does it.
        if (this.transacting === true && isConflict(error)) throw error;
        throw tell(limits, error, session.lost);
      }
    }

    override async _query(session: Session, statement: Statement): Promise<Answered> {
      const send = () => answerInTime(deps, session, statement, () => super._query(session, statement));
      const unlessMet = () => (this.transacting === true ? send() : retry(send));
      // Several statements in one text have no values; they cannot be prepared.
      const name = (statement.bindings?.length ?? 0) > 0 ? names.of(statement.sql) : undefined;
      if (name === undefined) return unlessMet();
      statement.options = { name };
      try {
        return await unlessMet();
      } catch (error) {
        if (!isUnkept(error)) throw error;
        names.giveUp();
        // A transaction is lost by then.
        if (this.transacting === true) throw error;
        delete statement.options;
        return unlessMet();
      }
    }
  };
}

function tell(limits: TimeLimits, error: unknown, lost: boolean): unknown {
  const translated = translate(error, lost);
  return translated instanceof AppError ? limits.note(translated) : translated;
}

function poolOf({ pool }: PostgresClient): SessionPool {
  if (pool === undefined || !('numPendingCreates' in pool)) throw new NotInTime('it is closed');
  return pool;
}

/** Awaits one answer. A session that still owes one, or whose server has changed its mind about us, is of no use to anybody. */
async function answerInTime(
  { connector, limits, statementTimeout }: PooledClientDeps,
  session: Session,
  statement: Statement,
  send: () => Promise<Answered>,
): Promise<Answered> {
  let late: NotInTime | undefined;
  try {
    const answered = await limits.wait(statementTimeout, async (limit) => {
      const giveUp = () => {
        late = new NotInTime(`no answer within ${Math.round(limit ?? 0)} ms`);
        session.cut(late);
      };
      const timer = limit === undefined ? undefined : setTimeout(giveUp, limit);
      return send().finally(() => clearTimeout(timer));
    });
    refuseUndone(statement, answered);
    return answered;
  } catch (error) {
    if (isReadOnly(error)) connector.distrust();
    if (endsSession(error) || error instanceof NotInTime) session.cut(error);
    throw late ?? error;
  }
}

/** PostgreSQL answers the commit of a transaction in which something had failed by undoing it, and calls that no error. */
function refuseUndone({ sql }: Statement, { response }: Answered): void {
  if (sql === 'COMMIT;' && response.command !== 'COMMIT')
    throw new Error('the transaction was undone, because a statement in it had failed');
}
