import type { Ship } from '../audit/shipping/ship.ts';
import type { Log } from '../log.ts';

export interface AuditShippingDeps {
  /** By the name of the sink; `release` lets another process go on at once. */
  ships: ReadonlyMap<string, { ship: Ship; release: () => Promise<void> }>;
  log: Log;
}

/** Seconds until the next try when not even the database answers. */
const afterTrouble = 5;

/**
 * Brings the audit log to its sinks, each at its own pace, beside everything else: no request waits for one of them.
 *
 * @returns a function that ends it; what is on its way comes again
 */
export function startAuditShipping({ ships, log }: AuditShippingDeps): () => Promise<void> {
  const ends = [...ships].map(([name, { ship, release }]) => ({ end: startOne(name, ship, log), release }));
  return async () => {
    await Promise.all(ends.map(({ end, release }) => end().then(release)));
  };
}

function startOne(name: string, ship: Ship, log: Log): () => Promise<void> {
  const stop = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();

  const step = async (): Promise<number> => {
    try {
      const outcome = await ship(stop.signal);
      return outcome.kind === 'shipped' ? 0 : outcome.pause;
    } catch (error) {
      log.warn('the audit log could not be sent on', { sink: name, error });
      return afterTrouble;
    }
  };
  const work = async (): Promise<void> => {
    let pause = 0;
    while (!stop.signal.aborted && pause === 0) pause = await step();
    if (!stop.signal.aborted) timer = setTimeout(begin, pause * 1000).unref();
  };
  function begin(): void {
    running = work();
  }
  begin();
  return async () => {
    stop.abort();
    clearTimeout(timer);
    await running;
  };
}
