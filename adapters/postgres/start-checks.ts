import { AppError, StartError } from '../../server/errors.ts';
import { UnfitServer } from './connect.ts';
import type { Database } from './database.ts';
import { describe, sqlStateOf } from './failures.ts';

/** What to do when it is not what the URL promises, by the reason that the server or the network gives. */
const remedies: readonly [RegExp, string][] = [
  [
    /^28P01$|^28000$/,
    'Check GATEHOUSE_DATABASE_URL: its user and password, and what pg_hba.conf of the server allows.',
  ],
  [/^3D000$/, 'Check GATEHOUSE_DATABASE_URL: make that database, owned by its user, or name another one.'],
];
const otherRemedy = 'Check GATEHOUSE_DATABASE_URL, that the server runs, and that it lets this user in.';

/**
 * Waits for nothing: the database must answer now, or the process does not start.
 *
 * @param shown the database as it may be shown, without user and password
 * @throws StartError with the reason and what to do about it
 */
export async function assertReachable(database: Database, shown: string): Promise<void> {
  try {
    await database.ping();
  } catch (error) {
    const cause = error instanceof AppError ? (error.cause ?? error) : error;
    if (cause instanceof UnfitServer)
      throw new StartError(`The database ${shown} cannot be used: ${cause.message}.`, cause.remedy, 1, cause);
    throw new StartError(
      `The database ${shown} cannot be reached: ${describe(cause)}`,
      remedyFor(cause),
      1,
      cause,
    );
  }
}

function remedyFor(cause: unknown): string {
  const code = sqlStateOf(cause) ?? '';
  return remedies.find(([codes]) => codes.test(code))?.[1] ?? otherRemedy;
}
