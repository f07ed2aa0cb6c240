import pg from 'pg';
import { AppError } from '../../../server/errors.ts';

/** Seconds after which a client may try again. */
const retryAfter = 2;

/**
 * What PostgreSQL calls it when it cannot do now what it could do at another time; classes by their first two characters.
 * https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const unavailableCodes = /^(?:08...|25006|25P03|40001|40P01|53...|55P03|57014|57P0[1-5]|58...)$/;

/** The session has ended, or what it is connected to is not what it was: nothing more may be sent there. */
const endingCodes = /^(?:08...|25006|25P03|57P0[1-5])$/;

/** The database has not answered in the time that there was. */
export class NotInTime extends Error {}

/** A refusal that says: not now. `detail` is for the log. */
export function unavailable(detail: string, cause?: unknown): AppError {
  return new AppError('unavailable', { detail: `database: ${detail}`, retryAfter, cause });
}

/** PostgreSQL's own code of an error (SQLSTATE); undefined for what did not come from there. */
export function sqlStateOf(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError ? error.code : undefined;
}

/** Whether the same transaction, begun anew, may succeed: it met another one, and nothing of it was kept. */
export function isConflict(error: unknown): boolean {
  const code = sqlStateOf(error);
  return code === '40001' || code === '40P01';
}

/** Whether nothing more may be sent on the connection that answered this. */
export function endsSession(error: unknown): boolean {
  return endingCodes.test(sqlStateOf(error) ?? '');
}

/** Whether the server that answered this takes no writes: a standby, or a primary that no longer is one. */
export function isReadOnly(error: unknown): boolean {
  return sqlStateOf(error) === '25006';
}

/**
 * Whether a statement that a session should have kept prepared is not there, is there already, or no longer fits: nothing of
 * it was done. Only a pooler that nobody has told of, or a change of a column's type, does that.
 */
export function isUnkept(error: unknown): boolean {
  return ['26000', '42P05', '0A000'].includes(sqlStateOf(error) ?? '');
}

/**
 * What the rest of the program is told instead of the driver's error: that the database is unavailable, or the error itself
 * where it means something else.
 *
 * @param lost whether the connection is gone; then an error without a code tells of nothing else
 */
export function translate(error: unknown, lost: boolean): unknown {
  if (error instanceof AppError) return error;
  if (error instanceof NotInTime) return unavailable(error.message, error);
  const code = sqlStateOf(error);
  const isOurs = code === undefined ? lost : unavailableCodes.test(code);
  return isOurs ? unavailable(describe(error), error) : error;
}

/** One line for the log. Node puts the code of an error into its message, PostgreSQL does not. */
export function describe(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('message' in error)) return String(error);
  const code = sqlStateOf(error);
  const message = typeof error.message === 'string' && error.message !== '' ? error.message : undefined;
  return `${code === undefined ? '' : `${code} `}${message ?? describeAll(error)}`;
}

/** A name with several addresses fails once for each of them. */
function describeAll(error: object): string {
  return 'errors' in error && Array.isArray(error.errors)
    ? error.errors.map(describe).join('; ')
    : 'no reason was given';
}
