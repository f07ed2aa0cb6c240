import type { AccountStore } from '../accounts/store.ts';
import type { Actor, AuditLog } from '../audit/event.ts';
import type { InTransaction } from '../transaction.ts';
import type { AttemptStore } from './lockout/attempt-store.ts';

export interface UnlockAccountDeps {
  accounts: Pick<AccountStore, 'find'>;
  attempts: Pick<AttemptStore, 'clear'>;
  audit: AuditLog;
  inTransaction: InTransaction;
}

/** Opens an account for all devices, at once, whatever was counted; its password stays. An operator does it. */
export const makeUnlockAccount =
  (deps: UnlockAccountDeps) =>
  ({ accountId, by }: { accountId: string; by: Actor }): Promise<{ kind: 'unlocked' | 'missing' }> =>
    deps.inTransaction(async () => {
      if ((await deps.accounts.find(accountId)) === undefined) return { kind: 'missing' };
      await deps.attempts.clear(accountId);
      await deps.audit.append({ type: 'user.unlocked', accountId }, by);
      return { kind: 'unlocked' };
    });

export type UnlockAccount = ReturnType<typeof makeUnlockAccount>;
