import type pg from 'pg';
import { AppError } from '../../../server/errors.ts';
import type { Connector } from './connect.ts';
import { endsSession, isConflict, isReadOnly, isUnkept, NotInTime, translate } from './failures.ts';
import type { Retry } from './retry.ts';
import type { Session } from './session.ts';
import type { StatementNames } from './statement-names.ts';
import type { TimeLimits } from './time-limits.ts';

export interface StatementDeps {
  connector: Connector;
  limits: TimeLimits;
  retry: Retry;
  /** Milliseconds after which this side gives up a statement. */
  statementTimeout: number;
  names: StatementNames;
}

/** A statement as PostgreSQL takes it: `$1` stands for the first value. */
export interface Statement {
  text: string;
  values: readonly unknown[];
}

export type Answer = pg.QueryResult<Record<string, unknown>>;

/**
 * Sends statements and awaits their answers, in time whatever the database does: all statements of all stores pass through
 * here.
 */
export function makeStatements({ connector, limits, retry, statementTimeout, names }: StatementDeps) {
  /** Awaits one answer. A session that still owes one, or whose server has changed its mind about us, is of no use to anybody. */
  async function once(session: Session, statement: pg.QueryConfig): Promise<Answer> {
    let late: NotInTime | undefined;
    try {
      const answer = await limits.wait(statementTimeout, (limit) => {
        const giveUp = (): void => {
          late = new NotInTime(`no answer within ${Math.round(limit ?? 0)} ms`);
          session.cut(late);
        };
        return answerOf(session, statement, limit === undefined ? undefined : setTimeout(giveUp, limit));
      });
      refuseUndone(statement, answer);
      return answer;
    } catch (error) {
      if (isReadOnly(error)) connector.distrust();
      if (endsSession(error) || error instanceof NotInTime) session.cut(error);
      throw late ?? error;
    }
  }

  async function send(
    session: Session,
    { text, values }: Statement,
    isInTransaction: boolean,
  ): Promise<Answer> {
    const unlessMet = (statement: pg.QueryConfig): Promise<Answer> =>
      isInTransaction ? once(session, statement) : retry(() => once(session, statement));
    const unnamed = { text, values: [...values] };
    // Several statements in one text have no values; they cannot be prepared.
    const name = values.length > 0 ? names.of(text) : undefined;
    if (name === undefined) return unlessMet(unnamed);
    try {
      return await unlessMet({ name, ...unnamed });
    } catch (error) {
      if (!isUnkept(error)) throw error;
      names.giveUp();
      // A transaction is lost by then.
      if (isInTransaction) throw error;
      return unlessMet(unnamed);
    }
  }

  return {
    /**
     * @param isInTransaction whether it is one of several: then it is not done again by itself when it has met another one
     * @throws what `told` takes
     */
    send,

    /** What callers are told instead: AppError unavailable, or PostgreSQL's own error where it means something else. */
    told(error: unknown, session: Session, isInTransaction: boolean): unknown {
      // The whole transaction is to be done again; transactions.ts does it.
      if (isInTransaction && isConflict(error)) return error;
      const translated = translate(error, session.lost);
      return translated instanceof AppError ? limits.note(translated) : translated;
    },
  };
}

export type Statements = ReturnType<typeof makeStatements>;

function answerOf(
  session: Session,
  statement: pg.QueryConfig,
  timer: NodeJS.Timeout | undefined,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    session.query<Record<string, unknown>>(statement, (error, answer) => {
      clearTimeout(timer);
      // The types do not say that there is none when all is well.
      if (error) reject(error);
      else resolve(answer);
    });
  });
}

/** PostgreSQL answers the commit of a transaction in which something had failed by undoing it, and calls that no error. */
function refuseUndone({ text }: pg.QueryConfig, { command }: Answer): void {
  if (text === 'COMMIT;' && command !== 'COMMIT')
    throw new Error('the transaction was undone, because a statement in it had failed');
}
