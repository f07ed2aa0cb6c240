import { checkpointSeconds, type ExtendChain, mostAtOnce } from '../audit/chain/extend.ts';
import type { Log } from '../log.ts';
import type { JanitorDeps } from './janitor.ts';
import { repeat } from './repeat.ts';

export interface ChainingDeps {
  owner: string;
  lease: JanitorDeps['lease'];
  look(): Promise<{ isWaiting: boolean; uncovered: number }>;
  extend: ExtendChain;
  log: Log;
}

const lease = 'audit_chain';
/** Whoever dies with it is replaced after that: short, for two who append at once do each other no harm. */
const leaseSeconds = 2;
/** Milliseconds between two looks: what was written has its place within a second. */
const pause = 400;

/**
 * Gives what is written into the audit log its place in the chain, in one process for all. Looking costs one statement that
 * changes nothing; the lease is taken only when there is something to do.
 *
 * @returns a function that ends it, when what this process has written has its place
 */
export function startChaining(deps: ChainingDeps): () => Promise<void> {
  const told = makeTold(deps.log);
  const work = (): Promise<void> => extendAll(deps, told);
  const onFailure = (error: unknown): void => deps.log.warn('the audit log could not be chained', { error });
  const stop = repeat({ work, pause, onFailure });
  return async () => {
    await stop();
    await work().catch(onFailure);
    await deps.lease.release(lease, deps.owner).catch(() => {});
  };
}

async function extendAll({ owner, lease: leases, look, extend }: ChainingDeps, told: Told): Promise<void> {
  const { isWaiting, uncovered } = await look();
  if (!isWaiting && uncovered < checkpointSeconds) return;
  for (;;) {
    if ((await leases.take(lease, owner, leaseSeconds)) === undefined) return;
    const outcome = await extend();
    if (outcome.kind === 'broken') return told.broken();
    told.whole();
    if (outcome.kind !== 'chained' || outcome.events < mostAtOnce) return;
  }
}

interface Told {
  broken(): void;
  whole(): void;
}

/** A chain that cannot go on is told of once, not at every look. */
function makeTold(log: Log): Told {
  let isBroken = false;
  return {
    broken() {
      if (!isBroken)
        log.error('the end of the audit chain was changed; nothing is chained until it is put right', {
          remedy: 'gatehouse audit verify',
        });
      isBroken = true;
    },
    whole() {
      isBroken = false;
    },
  };
}
