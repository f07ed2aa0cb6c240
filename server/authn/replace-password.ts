import type { Account } from '../accounts/account.ts';
import type { AccountArtifacts } from '../accounts/artifacts.ts';
import type { NotificationAddresses } from '../accounts/notification-addresses.ts';
import type { OneTimeLinkStore } from '../accounts/one-time-link.ts';
import type { Actor, AuditLog } from '../audit/event.ts';
import type { Clock } from '../clock.ts';
import type { MailQueue } from '../outbox/mail-queue.ts';
import type { CredentialStore } from './credential-store.ts';
import type { AttemptStore } from './lockout/attempt-store.ts';
import type { StoredPassword } from './password-hasher.ts';

export interface ReplacePasswordDeps {
  credentials: Pick<CredentialStore, 'savePassword'>;
  oneTimeLinks: Pick<OneTimeLinkStore, 'endAll'>;
  artifacts: AccountArtifacts;
  attempts: Pick<AttemptStore, 'clear' | 'forgetDevices'>;
  notificationAddresses: NotificationAddresses;
  mails: MailQueue;
  audit: AuditLog;
  clock: Clock;
  issuer: string;
}

export interface NewPassword {
  account: Account;
  password: StoredPassword;
  /** By a link: whoever had the account before may not be its owner, so no device is known any more. */
  how: 'reset' | 'change';
  /** The session that goes on (its uid), if one does. */
  keepSession?: string | undefined;
  by: Actor;
}

/**
 * A password takes the place of another, with all that follows: earlier links that would set one are over, sessions and tokens
 * end (LIMITS row 27), what was counted against the old one is forgotten, and the owner is told at every address (LIMITS row
 * 13). Second factors stay as they are: they are asked for at the next sign-in. To be called in a transaction.
 */
export async function replacePassword(
  deps: ReplacePasswordDeps,
  { account, password, how, keepSession, by }: NewPassword,
): Promise<void> {
  const { id, profile } = account;
  await deps.oneTimeLinks.endAll(id, deps.clock.now(), ['reset_password']);
  await deps.credentials.savePassword(id, password);
  if (keepSession === undefined) await deps.artifacts.revokeAll(id);
  else await deps.artifacts.revokeAllBut(id, keepSession);
  await deps.attempts.clear(id);
  if (how === 'reset') await deps.attempts.forgetDevices(id);
  await deps.audit.append({ type: 'password.changed', accountId: id, how }, by);
  const params = { address: account.email ?? account.username ?? '', link: `${deps.issuer}/forgot-password` };
  for (const to of await deps.notificationAddresses(id)) {
    const message = { kind: 'password_changed', params } as const;
    await deps.mails.enqueue({ to, accountId: id, locale: profile.locale, message });
  }
}
