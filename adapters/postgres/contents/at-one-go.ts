import { AppError, StartError } from '../../../server/errors.ts';
import type { Database } from '../connection/database.ts';
import { sqlStateOf } from '../connection/failures.ts';

/** Data and constraint violations, whose messages repeat values. */
const tellsValues = /^2[23]/;

/**
 * Does something with a whole database in one transaction that may take as long as it needs, and says for people at a
 * terminal why the database did not let it.
 *
 * @throws StartError
 */
export async function atOneGo<Result>(
  database: Database,
  done: 'read' | 'filled',
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await database.patiently(() => database.inTransaction(work));
  } catch (error) {
    const why = reasonOf(error);
    if (why === undefined) throw error;
    throw new StartError(`The database could not be ${done}: ${why}`, remedies[done], 1, error);
  }
}

const remedies = {
  read: 'Mend that, then run the command again.',
  filled:
    'Nothing was kept. Mend that, then run the command again; if it then says that the database is not empty, everything had arrived.',
};

/** The database's own words, if it was the database. */
function reasonOf(error: unknown): string | undefined {
  if (error instanceof AppError && error.code === 'unavailable') return error.detail;
  const code = sqlStateOf(error);
  if (code === undefined || !(error instanceof Error)) return undefined;
  // knex puts the statement in front.
  const words = error.message.slice(error.message.lastIndexOf(' - ') + 1).replace(/^- /, '');
  return tellsValues.test(code) ? code : `${words} (${code})`;
}
