import type { Account } from '../accounts/account.ts';
import type { AccountArtifacts, KeptSession } from '../accounts/artifacts.ts';
import type { NotificationAddresses } from '../accounts/notification-addresses.ts';
import type { OneTimeLinkStore } from '../accounts/one-time-link.ts';
import type { Actor, AuditLog } from '../audit/event.ts';
import type { Clock } from '../clock.ts';
import type { MailQueue } from '../outbox/mail-queue.ts';
import type { CredentialStore } from './credential-store.ts';
import type { AttemptStore } from './lockout/attempt-store.ts';
import type { StoredPassword } from './password-hasher.ts';

export interface ReplacePasswordDeps {
  credentials: Pick<CredentialStore, 'savePassword' | 'changePassword'>;
  oneTimeLinks: Pick<OneTimeLinkStore, 'endAll'>;
  artifacts: Pick<AccountArtifacts, 'revokeAll' | 'revokeAllBut'>;
  attempts: Pick<AttemptStore, 'forgetDevices'>;
  notificationAddresses: NotificationAddresses;
  mails: MailQueue;
  audit: AuditLog;
  clock: Clock;
  issuer: string;
}

/**
 * `reset`, by a link: whoever had the account before may not be its owner, so nothing of it goes on and no device is known any
 * more. `change`, by who is signed in and has proven the present password: where they sit goes on.
 */
export type NewPassword = { account: Account; password: StoredPassword; by: Actor } & (
  | { how: 'reset' }
  | { how: 'change'; provenAfter: string | null; kept: KeptSession }
);

/**
 * A password takes the place of another, with all that follows: earlier links that would set one are over, sessions and tokens
 * end (LIMITS row 27), what was counted against the old one is forgotten, and the owner is told at every address (LIMITS row
 * 13). Second factors stay as they are: they are asked for at the next sign-in. To be called in a transaction.
 *
 * @returns false, and nothing is done, when the proof of the present password does not count any more.
 */
export async function replacePassword(deps: ReplacePasswordDeps, change: NewPassword): Promise<boolean> {
  const { account, password, how, by } = change;
  const { id, profile } = account;
  if (how === 'reset') await deps.credentials.savePassword(id, password);
  else if (!(await deps.credentials.changePassword(id, password, change.provenAfter))) return false;
  // crash point: password_saved
  await deps.oneTimeLinks.endAll(id, deps.clock.now(), ['reset_password']);
  if (how === 'change') await deps.artifacts.revokeAllBut(id, change.kept);
  else {
    await deps.artifacts.revokeAll(id);
    await deps.attempts.forgetDevices(id);
  }
  await deps.audit.append({ type: 'password.changed', accountId: id, how }, by);
  const params = { address: account.email ?? account.username ?? '', link: `${deps.issuer}/forgot-password` };
  for (const to of await deps.notificationAddresses(id)) {
    const message = { kind: 'password_changed', params } as const;
    await deps.mails.enqueue({ to, accountId: id, locale: profile.locale, message });
  }
  // crash point: password_told
  return true;
}
