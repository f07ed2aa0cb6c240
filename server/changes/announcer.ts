import { AsyncLocalStorage } from 'node:async_hooks';
import type { InTransaction } from '../transaction.ts';
import type { ChangeTopic } from './feed.ts';

export interface Announcer {
  /** The transactions in which changes are announced when they have ended. */
  inTransaction: InTransaction;
  /** A transaction of which nothing is told: one that is undone in any case. */
  inSilence: InTransaction;
  /** Something of this topic has been written: told at once, or when the transaction that it is part of has ended. */
  changed(topic: ChangeTopic): void;
}

/**
 * Tells of changes after they are committed. Told before, somebody could read once more what it was before, and keep that.
 *
 * @param tell MUST return at once. Also called when a transaction has failed: whether it was committed may be unknown.
 */
export function makeAnnouncer(inTransaction: InTransaction, tell: (topic: ChangeTopic) => void): Announcer {
  const open = new AsyncLocalStorage<Set<ChangeTopic>>();
  return {
    async inTransaction(work) {
      if (open.getStore() !== undefined) return inTransaction(work);
      const changed = new Set<ChangeTopic>();
      try {
        return await open.run(changed, () => inTransaction(work));
      } finally {
        for (const topic of changed) tell(topic);
      }
    },
    inSilence: (work) => open.run(new Set(), () => inTransaction(work)),
    changed(topic) {
      const pending = open.getStore();
      if (pending === undefined) tell(topic);
      else pending.add(topic);
    },
  };
}
