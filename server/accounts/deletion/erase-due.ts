import type { Clock } from '../../clock.ts';
import type { MailQueue } from '../../outbox/mail-queue.ts';
import type { InTransaction } from '../../transaction.ts';
import type { AccountStore } from '../store.ts';
import { sayFarewell } from './ask-for-deletion.ts';
import type { DeletionStore } from './deletion-store.ts';
import { type EraseAccountDeps, eraseAccount } from './erase-account.ts';

export interface EraseDueDeps extends EraseAccountDeps {
  accounts: Pick<AccountStore, 'find' | 'delete'>;
  deletions: Pick<DeletionStore, 'listDue' | 'take'>;
  mails: MailQueue;
  inTransaction: InTransaction;
  clock: Clock;
}

/** One transaction each; more in one round than anybody waits for. */
const mostAtOnce = 50;

/** Deletes accounts whose grace is over. One that an operator has opened meanwhile stays. Returns how many notes were done with. */
export const makeEraseDue =
  (deps: EraseDueDeps) =>
  async (most: number): Promise<number> => {
    const due = await deps.deletions.listDue(deps.clock.now(), Math.min(most, mostAtOnce));
    for (const accountId of due) {
      await deps.inTransaction(async () => {
        const account = await deps.accounts.find(accountId);
        if (account === undefined || !(await deps.deletions.take(accountId))) return;
        if (account.status !== 'disabled') return;
        const told = await eraseAccount(deps, account, { by: { kind: 'system' } });
        if (told !== undefined) await sayFarewell(deps, told, account.profile.locale);
      });
    }
    return due.length;
  };

export type EraseDue = ReturnType<typeof makeEraseDue>;
