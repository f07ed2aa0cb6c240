import type { Log } from '../log.ts';
import type { Deliver } from '../outbox/deliver.ts';

export interface DeliveriesDeps {
  deliver: Deliver;
  /** Calls `wake` when something was added by this process; what others add is found by looking. */
  onAdded(wake: () => void): void;
  /** Seconds between two looks. */
  interval: number;
  log: Log;
}

/**
 * Delivers what is in the outbox, as soon as it is there. Several processes may do so at once: each message is held by one.
 *
 * @returns a function that ends it, after the message that is on its way
 */
export function startDeliveries({ deliver, onAdded, interval, log }: DeliveriesDeps): () => Promise<void> {
  let stopped = false;
  let asked = false;
  let timer: NodeJS.Timeout | undefined;
  let round: Promise<void> | undefined;

  const deliverAll = async (): Promise<void> => {
    do {
      asked = false;
      while (!stopped && (await deliver()).more);
    } while (asked && !stopped);
  };
  const begin = (): void => {
    clearTimeout(timer);
    round = deliverAll()
      .catch((error: unknown) => log.warn('the outbox could not be worked on', { error }))
      .then(() => {
        round = undefined;
        if (!stopped) timer = setTimeout(begin, interval * 1000).unref();
      });
  };
  onAdded(() => {
    asked = true;
    if (round === undefined && !stopped) begin();
  });
  timer = setTimeout(begin, interval * 1000).unref();
  return async () => {
    stopped = true;
    clearTimeout(timer);
    await round;
  };
}
