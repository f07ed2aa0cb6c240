import { AsyncLocalStorage } from 'node:async_hooks';
import type { Knex } from 'knex';
import { AppError } from '../../../server/errors.ts';
import type { InTransaction } from '../../../server/transaction.ts';
import { translate } from './failures.ts';
import type { Retry } from './retry.ts';
import type { TimeLimits } from './time-limits.ts';

/** The transaction that the running work is in; stores ask for it at every statement. */
export function makeTransactions(pool: Knex, retry: Retry, limits: TimeLimits) {
  const open = new AsyncLocalStorage<Knex.Transaction>();
  const once = async <T>(work: () => Promise<T>): Promise<T> => {
    const transaction = await pool.transaction();
    // BEGIN has failed; knex tells so here only, and would let the work run into the wall.
    if (transaction.isCompleted()) await transaction.executionPromise;
    try {
      const result = await open.run(transaction, work);
      await transaction.commit();
      // Whether that has worked is said here only, too.
      await transaction.executionPromise;
      return result;
    } catch (error) {
      await transaction.rollback().catch(() => {});
      throw error;
    }
  };
  return {
    current: (): Knex => open.getStore() ?? pool,
    open: (): Knex.Transaction | undefined => open.getStore(),
    async inTransaction<T>(work: () => Promise<T>): Promise<T> {
      if (open.getStore() !== undefined) return work();
      try {
        return await retry(() => once(work));
      } catch (error) {
        const told = translate(error, false);
        throw told instanceof AppError ? limits.note(told) : told;
      }
    },
  } satisfies { current: () => Knex; open: () => Knex.Transaction | undefined; inTransaction: InTransaction };
}
