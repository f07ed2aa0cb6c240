import { AsyncLocalStorage } from 'node:async_hooks';
import type { AppError } from '../../../server/errors.ts';
import { NotInTime } from './failures.ts';

/** What one request has waited for the database, in milliseconds. */
interface Allowance {
  most: number;
  spent: number;
  /** Waits that are under way, and since when there is one. */
  waits: number;
  since: number;
  /** What it was refused first. */
  failure: AppError | undefined;
  /** Work that a request has begun and that goes on after its answer is no longer limited by it. */
  over: boolean;
}

/**
 * How long somebody may wait for the database: each time by the time-out of what is waited for, and a request all in all. So
 * a database that hangs costs a request one time-out, however many statements it would still have sent.
 */
export function makeTimeLimits() {
  const current = new AsyncLocalStorage<Allowance | 'patient'>();
  const allowance = (): Allowance | undefined => {
    const held = current.getStore();
    return held === undefined || held === 'patient' || held.over ? undefined : held;
  };

  return {
    /** Runs a request, which may wait so many milliseconds in all. */
    async forRequest<T>(most: number, work: () => Promise<T>): Promise<T> {
      const fresh: Allowance = { most, spent: 0, waits: 0, since: 0, failure: undefined, over: false };
      try {
        return await current.run(fresh, work);
      } finally {
        fresh.over = true;
      }
    },

    /** Runs work that may take as long as it needs. */
    patiently<T>(work: () => Promise<T>): Promise<T> {
      return current.run('patient', work);
    },

    /**
     * Waits at most `own` milliseconds, or what is left to the request if that is less.
     *
     * @param wait is given how long it may take; undefined when there is no limit
     * @throws NotInTime at once when nothing is left
     */
    async wait<T>(own: number, wait: (limit: number | undefined) => Promise<T>): Promise<T> {
      if (current.getStore() === 'patient') return wait(undefined);
      const held = allowance();
      if (held === undefined) return wait(own);
      const left = held.most - waited(held);
      if (left <= 0) throw new NotInTime(`this request has waited ${held.most} ms for the database`);
      if (held.waits === 0) held.since = performance.now();
      held.waits += 1;
      try {
        return await wait(Math.min(own, left));
      } finally {
        held.waits -= 1;
        if (held.waits === 0) held.spent += performance.now() - held.since;
      }
    },

    /** Keeps what the running request is refused, for `failure`. */
    note(error: AppError): AppError {
      const held = allowance();
      if (held !== undefined) held.failure ??= error;
      return error;
    },

    /** What the running request was refused, also when somebody has caught it. */
    failure: (): AppError | undefined => allowance()?.failure,
  };
}

export type TimeLimits = ReturnType<typeof makeTimeLimits>;

function waited({ spent, waits, since }: Allowance): number {
  return spent + (waits === 0 ? 0 : performance.now() - since);
}
