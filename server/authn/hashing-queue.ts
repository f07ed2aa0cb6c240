import { AppError } from '../errors.ts';

export interface HashingQueueOptions {
  /** Jobs at work at the same time; more than there are cores only costs memory. */
  concurrency: number;
  /** Jobs that may wait; the next one is refused. */
  maxWaiting: number;
}

/** Bounds the work on passwords, so that a flood of sign-ins costs neither the machine's memory nor everybody's time. */
export interface HashingQueue {
  /**
   * Runs the job as soon as it is its turn, first come, first served.
   *
   * @throws AppError overloaded, at once and without running the job, when too many wait already.
   */
  run<T>(job: () => Promise<T>): Promise<T>;
  readonly running: number;
  readonly waiting: number;
  /** How many jobs it holds at most, running and waiting. */
  readonly capacity: number;
}

const longestRetryAfter = 5;

export function makeHashingQueue({ concurrency, maxWaiting }: HashingQueueOptions): HashingQueue {
  const turns: (() => void)[] = [];
  let running = 0;
  let refused = 0;

  const enter = async (): Promise<void> => {
    if (running < concurrency) {
      running += 1;
      return;
    }
    if (turns.length >= maxWaiting) {
      refused += 1;
      // Spread over 1 to 5 seconds: a refused crowd must not come back as a crowd.
      throw new AppError('overloaded', {
        retryAfter: 1 + (refused % longestRetryAfter),
        detail: `password queue full: ${running} running, ${turns.length} waiting`,
      });
    }
    await new Promise<void>((resolve) => turns.push(resolve));
  };

  /** Hands the place to the first who waits, so that nobody who comes later can take it in between. */
  const leave = (): void => {
    const next = turns.shift();
    if (next === undefined) running -= 1;
    else next();
  };

  return {
    async run(job) {
      await enter();
      try {
        return await job();
      } finally {
        leave();
      }
    },
    get running() {
      return running;
    },
    get waiting() {
      return turns.length;
    },
    capacity: concurrency + maxWaiting,
  };
}
