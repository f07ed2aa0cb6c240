import type { Log } from '../log.ts';
import { repeat } from './repeat.ts';

/** How often what was noted of refused requests is written: so late, at most, it is found. */
const pause = 500;

export interface KeepNotingDeps {
  house: { refusals: { flush(): Promise<void> } };
  log: Log;
}

/**
 * Writes from time to time what requests have noted, and once more at the end. Runs for itself: no request waits for it, and
 * nothing of a request's own is around it.
 *
 * @returns a function that ends it, once everything is written
 */
export function keepNoting({ house: { refusals }, log }: KeepNotingDeps): () => Promise<void> {
  const work = (): Promise<void> => refusals.flush();
  const onFailure = (error: unknown): void =>
    log.warn('why requests were refused could not be noted', { error });
  const stop = repeat({ work, pause, onFailure });
  return async () => {
    await stop();
    await work().catch(onFailure);
  };
}
