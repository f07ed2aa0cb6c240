import type { PGlite } from '@electric-sql/pglite';

/** The status with which the backend leaves its main loop when a statement has failed in the ordinary way. */
const statementFailed = 100;

/**
 * Calls `onDeath`, which must end the thread, when the backend breaks: PANIC, exhausted memory or stack. pglite takes every
 * exception of its main loop for a failed statement and goes on with a broken backend; callers then got no answer ever, or
 * rows that were missing (tried with 0.5.14: a write-ahead log that cannot be written; brackets nested 20,000 deep).
 */
export function watchBackend(db: PGlite, onDeath: (error: unknown) => never): void {
  const { mod } = db;
  if (mod === undefined) throw new Error('the database has not started');
  const run = mod._PostgresMainLoopOnce.bind(mod);
  mod._PostgresMainLoopOnce = () => {
    try {
      run();
    } catch (error) {
      if (statusOf(error) !== statementFailed) onDeath(error);
      throw error;
    }
  };
}

function statusOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'status' in error ? error.status : undefined;
}
