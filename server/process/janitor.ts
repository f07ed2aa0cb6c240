import type { Log } from '../log.ts';
import { repeat } from './repeat.ts';

export interface JanitorDeps {
  /** Names this process among all that could do the work. */
  owner: string;
  lease: {
    take(name: string, owner: string, seconds: number): Promise<number | undefined>;
    release(name: string, owner: string): Promise<void>;
  };
  /** Each removes at most so many rows and says how many they were. */
  chores: Readonly<Record<string, (most: number) => Promise<number>>>;
  count(chore: string, removed: number): void;
  /** Seconds between two rounds. */
  interval: number;
  log: Log;
}

const lease = 'janitor';
/** Seconds that the lease lasts; whoever dies with it is replaced after that. */
const leaseSeconds = 30;
/** Rows of one statement: few enough that no request waits for it. */
const batch = 500;
/** Statements of one chore in one round. */
const mostBatches = 40;

/**
 * Removes what is over, in small batches, by one process at a time. A failure is told and tried again at the next round; what
 * has expired is invisible to requests whether or not it has been removed.
 *
 * @returns a function that ends it, after the statement that is running
 */
export function startJanitor(deps: JanitorDeps): () => Promise<void> {
  const stop = repeat({
    work: (isStopped) => sweep(deps, isStopped),
    pause: deps.interval * 1000,
    onFailure: (error) => deps.log.warn('the janitor could not work', { error }),
  });
  return async () => {
    await stop();
    await deps.lease.release(lease, deps.owner).catch(() => {});
  };
}

async function sweep(
  { owner, lease: leases, chores, count }: JanitorDeps,
  isStopped: () => boolean,
): Promise<void> {
  if ((await leases.take(lease, owner, leaseSeconds)) === undefined) return;
  for (const [name, chore] of Object.entries(chores)) {
    for (let batches = 0; batches < mostBatches && !isStopped(); batches += 1) {
      const removed = await chore(batch);
      if (removed > 0) count(name, removed);
      if (removed < batch) break;
    }
  }
}
