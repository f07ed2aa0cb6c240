import { setTimeout as pause } from 'node:timers/promises';
import { isConflict } from './failures.ts';

/** How often the same is done again after it has met somebody else's transaction. */
const most = 3;
/** Milliseconds before the first repetition, at most; each later one waits up to twice as long. */
const firstPause = 20;

/**
 * Does what may have met another transaction in the database (serialization failure, deadlock), and does it again in that
 * case, three times at most. Each waits for another while, so that those who met do not meet again.
 *
 * @param chance a number from 0 to 1
 * @returns a function that runs work of which a failed run leaves nothing
 */
export function makeRetry(chance: () => number = Math.random) {
  return async <T>(work: () => Promise<T>): Promise<T> => {
    for (let repetition = 0; ; repetition += 1) {
      try {
        return await work();
      } catch (error) {
        if (repetition === most || !isConflict(error)) throw error;
        await pause(firstPause * 2 ** repetition * chance());
      }
    }
  };
}

export type Retry = ReturnType<typeof makeRetry>;
