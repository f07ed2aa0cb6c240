import type { House } from '../compose/house.ts';
import type { Log } from '../log.ts';
import { repeat } from './repeat.ts';

export interface KeepRunningJobsDeps {
  house: House;
  /** Runs the next operation that waits; false when none does. */
  runRow(): Promise<boolean>;
  log: Log;
}

const lease = 'bulk jobs';
/** Seconds that the lease lasts; whoever dies with it is replaced after that. */
const leaseSeconds = 10;
/** Milliseconds between two looks for jobs that another process was asked for. */
const pause = 1000;

/**
 * Runs the operations of jobs, by one process at a time and one after the other: each is a small request, and jobs must not crowd
 * out what people do meanwhile. A process that dies is replaced, and goes on where it was.
 *
 * @returns a function that ends it, after the operation that is running
 */
export function keepRunningJobs({ house, runRow, log }: KeepRunningJobsDeps): () => Promise<void> {
  const owner = house.ids.id();
  const work = async (isStopped: () => boolean): Promise<void> => {
    if ((await house.bulkJobs.next()) === undefined) return;
    for (let until = 0; !isStopped(); ) {
      if (performance.now() > until) {
        if ((await house.leases.take(lease, owner, leaseSeconds)) === undefined) return;
        until = performance.now() + (leaseSeconds / 2) * 1000;
      }
      if (!(await runRow())) break;
    }
    await house.leases.release(lease, owner);
  };
  const stop = repeat({
    work,
    pause,
    onFailure: (error) => log.warn('jobs could not be worked on', { error }),
  });
  return async () => {
    await stop();
    await house.leases.release(lease, owner).catch(() => {});
  };
}
