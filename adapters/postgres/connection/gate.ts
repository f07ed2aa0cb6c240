import { AppError } from '../../../server/errors.ts';
import { describe, unavailable } from './failures.ts';
import type { Session } from './session.ts';
import type { TimeLimits } from './time-limits.ts';

/** What the gate uses of tarn's pool, which knex keeps its connections in. */
export interface SessionPool {
  acquire(): { promise: Promise<Session>; reject(error: Error): void };
  numUsed(): number;
  numFree(): number;
  numPendingAcquires(): number;
  numPendingCreates(): number;
}

export interface GateOptions {
  limits: TimeLimits;
  /** Milliseconds that somebody waits for a session, one that must be opened first included. */
  acquireTimeout: number;
  /** Callers that may wait at once; more are refused at once. */
  queueMax: number;
}

/** Milliseconds between two tries to open a session while there is none. */
const pause = 100;

/**
 * Who gets a session, who waits for one, and who is told at once that there is none. While the database cannot be reached,
 * one caller at a time tries; the others are not kept waiting for the same answer.
 */
export function makeGate({ limits, acquireTimeout, queueMax }: GateOptions) {
  const waiting = new Set<{ reject(error: Error): void }>();
  /** Why there is no session and none can be opened, since when. */
  let outage: { error: AppError; at: number } | undefined;
  let trying = false;

  return {
    /** @throws AppError unavailable, NotInTime */
    async enter(pool: SessionPool): Promise<Session> {
      if (outage !== undefined && (trying || performance.now() - outage.at < pause)) throw outage.error;
      if (pool.numPendingAcquires() >= queueMax)
        throw unavailable(`${queueMax} callers wait for one of its connections already`);
      const first = outage !== undefined;
      if (first) trying = true;
      try {
        return await limits.wait(acquireTimeout, (limit) => take(pool, waiting, limit));
      } finally {
        if (first) trying = false;
      }
    },

    /** A session could not be opened. Nobody waits on who could only be given that one. */
    failed(pool: SessionPool, cause: unknown): void {
      // The failed one still counts as being opened.
      if (pool.numUsed() + pool.numFree() > 0 || pool.numPendingCreates() > 1) return;
      outage = { error: unavailable(describe(cause), cause), at: performance.now() };
      for (const caller of waiting) caller.reject(outage.error);
    },

    opened(): void {
      outage = undefined;
    },
  };
}

export type Gate = ReturnType<typeof makeGate>;

async function take(
  pool: SessionPool,
  waiting: Set<{ reject(error: Error): void }>,
  limit: number | undefined,
): Promise<Session> {
  const caller = pool.acquire();
  const refuse = () => caller.reject(unavailable(`no connection was free within ${limit} ms`));
  const timer = limit === undefined ? undefined : setTimeout(refuse, limit);
  waiting.add(caller);
  try {
    return await caller.promise;
  } catch (error) {
    throw error instanceof AppError ? error : unavailable(describe(error), error);
  } finally {
    clearTimeout(timer);
    waiting.delete(caller);
  }
}
