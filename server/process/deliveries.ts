import type { Log } from '../log.ts';
import type { Deliver, DeliveryOutcome } from '../outbox/deliver.ts';

export interface DeliveriesDeps {
  deliver: Deliver;
  /** Calls `wake` when something was added by this process; what others add is found by looking. */
  onAdded(wake: () => void): void;
  onOutcome(outcome: DeliveryOutcome): void;
  /** Seconds between two looks. */
  interval: number;
  /** Deliveries at once: a recipient that is slow holds up one of them. */
  atOnce: number;
  log: Log;
}

/**
 * Delivers what is in the outbox, as soon as it is there. Several processes may do so at once: each message is held by one.
 *
 * @returns a function that ends it, after the messages that are on their way
 */
export function startDeliveries(deps: DeliveriesDeps): () => Promise<void> {
  const { deliver, onAdded, onOutcome, interval, atOnce, log } = deps;
  const lanes = new Set<Promise<void>>();
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;

  /** One after the other until there is nothing left; whenever there was one, another lane looks beside it. */
  const work = async (): Promise<void> => {
    while (!stopped && (await deliver({ onTaken: open, onOutcome })));
  };
  function open(): void {
    if (stopped || lanes.size >= atOnce) return;
    const lane = work()
      .catch((error: unknown) => log.warn('the outbox could not be worked on', { error }))
      .then(() => void lanes.delete(lane));
    lanes.add(lane);
  }
  const look = (): void => {
    open();
    timer = setTimeout(look, interval * 1000).unref();
  };
  // A lane that has just found nothing may have looked before this was there.
  onAdded(open);
  timer = setTimeout(look, interval * 1000).unref();
  return async () => {
    stopped = true;
    clearTimeout(timer);
    await Promise.all(lanes);
  };
}
