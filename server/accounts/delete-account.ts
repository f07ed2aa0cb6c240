import type { Actor } from '../audit/event.ts';
import type { InTransaction } from '../transaction.ts';
import { type EraseAccountDeps, eraseAccount } from './deletion/erase-account.ts';
import type { AccountStore } from './store.ts';

export interface DeleteAccountDeps extends EraseAccountDeps {
  accounts: Pick<AccountStore, 'find' | 'delete'>;
  inTransaction: InTransaction;
}

export interface DeleteAccountInput {
  id: string;
  /** Deletes whatever the version is, when left out. */
  expectedVersion?: number | undefined;
  by: Actor;
}

export type DeleteAccountOutcome = { kind: 'deleted' | 'stale' | 'missing' };

/** An operator deletes the person, at once and for good. */
export const makeDeleteAccount =
  (deps: DeleteAccountDeps) =>
  ({ id, expectedVersion, by }: DeleteAccountInput): Promise<DeleteAccountOutcome> =>
    deps.inTransaction(async () => {
      const account = await deps.accounts.find(id);
      if (account === undefined) return { kind: 'missing' };
      const erased = await eraseAccount(deps, account, { by, expectedVersion });
      if (erased !== undefined) return { kind: 'deleted' };
      return { kind: expectedVersion === undefined ? 'missing' : 'stale' };
    });

export type DeleteAccount = ReturnType<typeof makeDeleteAccount>;
