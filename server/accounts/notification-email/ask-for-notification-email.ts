import type { Actor, AuditLog } from '../../audit/event.ts';
import type { Clock } from '../../clock.ts';
import type { Ids } from '../../ids.ts';
import { allowanceKey, type MailAllowance } from '../../outbox/mail-allowance.ts';
import type { MailQueue } from '../../outbox/mail-queue.ts';
import type { InTransaction } from '../../transaction.ts';
import { foldLoginName } from '../account.ts';
import { issueLink } from '../issue-link.ts';
import { faultInEmailAddress } from '../login-name-rules.ts';
import type { NotificationAddresses } from '../notification-addresses.ts';
import type { OneTimeLinkStore } from '../one-time-link.ts';
import type { AccountStore } from '../store.ts';

export interface AskForNotificationEmailDeps {
  accounts: Pick<AccountStore, 'find'>;
  oneTimeLinks: Pick<OneTimeLinkStore, 'issue'>;
  notificationAddresses: NotificationAddresses;
  mailAllowance: MailAllowance;
  mails: MailQueue;
  audit: AuditLog;
  inTransaction: InTransaction;
  clock: Clock;
  ids: Ids;
  issuer: string;
}

export type AskForNotificationEmailOutcome =
  | { kind: 'asked'; expiresAt: Date }
  | { kind: 'refused'; fault: string }
  | { kind: 'limited' | 'missing' };

const linkHours = 24;

/**
 * Somebody wants to be told at a second address too. It counts once the link that is sent there was confirmed. It opens
 * nothing: nobody signs in by it or resets a password, so it may be anybody's, also one that has an account of its own.
 */
export const makeAskForNotificationEmail =
  (deps: AskForNotificationEmailDeps) =>
  ({ accountId, email, by }: { accountId: string; email: string; by: Actor }) =>
    deps.inTransaction(async (): Promise<AskForNotificationEmailOutcome> => {
      const account = await deps.accounts.find(accountId);
      if (account?.status !== 'active') return { kind: 'missing' };
      const folded = foldLoginName(email);
      const known = await deps.notificationAddresses(accountId);
      const isKnown = known.some((address) => foldLoginName(address) === folded);
      const fault = isKnown ? 'You are told at this address already.' : faultInEmailAddress(email);
      if (fault !== undefined) return { kind: 'refused', fault };
      const now = deps.clock.now();
      const kind = 'notification_email';
      if (!(await deps.mailAllowance.take(allowanceKey(kind, `account ${accountId}`), now)))
        return { kind: 'limited' };
      const mayBeSent = await deps.mailAllowance.take(allowanceKey(kind, folded), now);
      const expiresAt = new Date(now.getTime() + linkHours * 3_600_000);
      const link = await issueLink(deps, {
        purpose: 'verify_notification_email',
        subjectId: accountId,
        address: email,
        createdAt: now,
        expiresAt,
      });
      const message = { kind, params: { address: email, link } } as const;
      const { locale } = account.profile;
      if (mayBeSent) await deps.mails.enqueue({ to: email, accountId, locale, message, expiresAt });
      await deps.audit.append({ type: 'notification_email.requested', accountId }, by);
      return { kind: 'asked', expiresAt };
    });

export type AskForNotificationEmail = ReturnType<typeof makeAskForNotificationEmail>;
