import type { Actor, AuditLog } from '../audit/event.ts';
import type { InTransaction } from '../transaction.ts';
import { auditedFields } from './account-input.ts';
import type { AccountArtifacts } from './artifacts.ts';
import type { AccountStore } from './store.ts';

export interface DeleteAccountDeps {
  accounts: AccountStore;
  artifacts: AccountArtifacts;
  audit: AuditLog;
  inTransaction: InTransaction;
}

export interface DeleteAccountInput {
  id: string;
  /** Deletes whatever the version is, when left out. */
  expectedVersion?: number | undefined;
  by: Actor;
}

export type DeleteAccountOutcome = { kind: 'deleted' | 'stale' | 'missing' };

/** Deletes the person with everything that proves who they are, and ends every session and token of theirs. */
export const makeDeleteAccount =
  (deps: DeleteAccountDeps) =>
  ({ id, expectedVersion, by }: DeleteAccountInput): Promise<DeleteAccountOutcome> =>
    deps.inTransaction(async () => {
      const account = await deps.accounts.find(id);
      if (account === undefined) return { kind: 'missing' };
      if (!(await deps.accounts.delete(id, expectedVersion))) {
        return { kind: expectedVersion === undefined ? 'missing' : 'stale' };
      }
      await deps.artifacts.revokeAll(id);
      const before = auditedFields(account);
      await deps.audit.append({ type: 'user.deleted', accountId: id, change: { before } }, by);
      return { kind: 'deleted' };
    });

export type DeleteAccount = ReturnType<typeof makeDeleteAccount>;
