import { type KeepCleanDeps, keepChaining, keepClean, keepDelivering } from './keep-clean.ts';
import { keepNoting } from './keep-noting.ts';
import { keepRunningJobs } from './keep-running-jobs.ts';
import { keepShipping } from './keep-shipping.ts';

export interface ChoresDeps extends KeepCleanDeps {
  /** Runs the next operation of a job; false when none waits. */
  runRow(): Promise<boolean>;
}

/**
 * Starts everything that a process does beside answering. Most of it is done by one process for all, which a lease decides.
 *
 * @returns a function that ends it, after what is running
 */
export function startChores(deps: ChoresDeps): () => Promise<void> {
  const stops = [
    keepClean(deps),
    keepDelivering(deps),
    keepShipping(deps),
    keepNoting(deps),
    keepRunningJobs(deps),
  ];
  const stopChaining = keepChaining(deps);
  return async () => {
    await Promise.all(stops.map((stop) => stop()));
    // Last: what the others did is in the audit log, too.
    await stopChaining();
  };
}
