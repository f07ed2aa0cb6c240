import type { Ship } from '../audit/shipping/ship.ts';
import type { Log } from '../log.ts';

export interface AuditShippingDeps {
  /** By the name of the sink. */
  ships: ReadonlyMap<string, Ship>;
  log: Log;
}

/** Seconds until the next try when not even the database answers. */
const afterTrouble = 5;

/**
 * Brings the audit log to its sinks, each at its own pace, beside everything else: no request waits for one of them.
 *
 * @returns a function that ends it, after what is on its way
 */
export function startAuditShipping({ ships, log }: AuditShippingDeps): () => Promise<void> {
  const ends = [...ships].map(([name, ship]) => startOne(name, ship, log));
  return async () => {
    await Promise.all(ends.map((end) => end()));
  };
}

function startOne(name: string, ship: Ship, log: Log): () => Promise<void> {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();

  const step = async (): Promise<number> => {
    try {
      const outcome = await ship();
      return outcome.kind === 'shipped' ? 0 : outcome.pause;
    } catch (error) {
      log.warn('the audit log could not be sent on', { sink: name, error });
      return afterTrouble;
    }
  };
  const work = async (): Promise<void> => {
    let pause = 0;
    while (!stopped && pause === 0) pause = await step();
    if (!stopped) timer = setTimeout(begin, pause * 1000).unref();
  };
  function begin(): void {
    running = work();
  }
  begin();
  return async () => {
    stopped = true;
    clearTimeout(timer);
    await running;
  };
}
