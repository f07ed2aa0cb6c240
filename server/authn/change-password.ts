import { knownOf } from '../accounts/account.ts';
import type { KeptSession } from '../accounts/artifacts.ts';
import type { AccountStore } from '../accounts/store.ts';
import type { Actor } from '../audit/event.ts';
import type { FieldFault } from '../errors.ts';
import type { InTransaction } from '../transaction.ts';
import type { DeviceTokens } from './lockout/device.ts';
import type { PasswordHasher } from './password-hasher.ts';
import type { FindPasswordFault } from './password-policy.ts';
import { shortestChosenPassword } from './password-rules.ts';
import type { ProvePassword } from './prove-password.ts';
import { type ReplacePasswordDeps, replacePassword } from './replace-password.ts';

export interface ChangePasswordDeps extends ReplacePasswordDeps {
  accounts: Pick<AccountStore, 'find'>;
  provePassword: ProvePassword;
  hasher: PasswordHasher;
  findPasswordFault: FindPasswordFault;
  inTransaction: InTransaction;
}

export interface ChangePasswordInput {
  accountId: string;
  /** The present one. */
  password: string;
  newPassword: string;
  device: DeviceTokens;
  /** Where the person sits: it goes on, everything else ends. */
  kept: KeptSession;
  by: Actor;
}

/** `stale`: meanwhile the password was changed elsewhere, or all sessions were ended. Fields are those of the form and the API. */
export type ChangePasswordOutcome =
  | { kind: 'changed' | 'stale' }
  | { kind: 'refused'; fields: FieldFault[] }
  | { kind: 'locked'; until: Date | null };

/**
 * Somebody who is signed in changes their password, proving the present one (LIMITS row 6). The caller makes sure that they have
 * signed in recently.
 *
 * @throws AppError overloaded, too_many_sign_ins
 */
export const makeChangePassword =
  (deps: ChangePasswordDeps) =>
  async (input: ChangePasswordInput): Promise<ChangePasswordOutcome> => {
    const { accountId, password, newPassword, device, kept, by } = input;
    const account = await deps.accounts.find(accountId);
    if (account === undefined) return { kind: 'stale' };
    const about = knownOf(account);
    const fault = isSame(password, newPassword)
      ? 'This is the present password. Choose another one.'
      : await deps.findPasswordFault(newPassword, { shortest: shortestChosenPassword, about });
    if (fault !== undefined) return refused('new_password', fault);
    const proof = await deps.provePassword({ accountId, password, device, by });
    if (proof.kind === 'locked') return proof;
    if (proof.kind === 'rejected') return refused('password', 'This is not your present password.');
    const stored = await deps.hasher.hash(newPassword);
    const { sessionsEndedAt: provenAfter } = proof;
    const replaced = await deps.inTransaction(() =>
      replacePassword(deps, { account, password: stored, how: 'change', provenAfter, kept, by }),
    );
    return { kind: replaced ? 'changed' : 'stale' };
  };

export type ChangePassword = ReturnType<typeof makeChangePassword>;

const isSame = (one: string, other: string): boolean => one.normalize('NFC') === other.normalize('NFC');

const refused = (field: string, message: string): ChangePasswordOutcome => ({
  kind: 'refused',
  fields: [{ field, message }],
});
