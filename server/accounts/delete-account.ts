import type { Actor } from '../audit/event.ts';
import type { InTransaction } from '../transaction.ts';
import type { LastOfRole } from './deletion/deletion-store.ts';
import { type EraseAccountDeps, eraseAccount } from './deletion/erase-account.ts';
import { adminRole } from './role-names.ts';
import type { AccountStore } from './store.ts';

export interface DeleteAccountDeps extends EraseAccountDeps {
  accounts: Pick<AccountStore, 'find' | 'delete'> & LastOfRole;
  inTransaction: InTransaction;
}

export interface DeleteAccountInput {
  id: string;
  /** Deletes whatever the version is, when left out. */
  expectedVersion?: number | undefined;
  by: Actor;
}

export type DeleteAccountOutcome = { kind: 'deleted' | 'last_administrator' | 'stale' | 'missing' };

/** An operator deletes the person, at once and for good. */
export const makeDeleteAccount =
  (deps: DeleteAccountDeps) =>
  ({ id, expectedVersion, by }: DeleteAccountInput): Promise<DeleteAccountOutcome> =>
    deps.inTransaction(async () => {
      const account = await deps.accounts.find(id);
      if (account === undefined) return { kind: 'missing' };
      const isAdmin = account.status === 'active' && account.roles.includes(adminRole);
      if (isAdmin && (await deps.accounts.isLastWithRole(id, adminRole)))
        return { kind: 'last_administrator' };
      const erased = await eraseAccount(deps, account, { by, expectedVersion });
      if (erased !== undefined) return { kind: 'deleted' };
      return { kind: expectedVersion === undefined ? 'missing' : 'stale' };
    });

export type DeleteAccount = ReturnType<typeof makeDeleteAccount>;
