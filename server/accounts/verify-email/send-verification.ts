import type { Actor, AuditLog } from '../../audit/event.ts';
import type { Clock } from '../../clock.ts';
import type { Ids } from '../../ids.ts';
import { allowanceKey, type MailAllowance } from '../../outbox/mail-allowance.ts';
import type { MailQueue } from '../../outbox/mail-queue.ts';
import type { InTransaction } from '../../transaction.ts';
import { foldLoginName } from '../account.ts';
import { issueLink } from '../issue-link.ts';
import type { OneTimeLinkStore } from '../one-time-link.ts';
import type { AccountStore } from '../store.ts';

export interface SendVerificationDeps {
  accounts: Pick<AccountStore, 'find'>;
  oneTimeLinks: OneTimeLinkStore;
  mailAllowance: MailAllowance;
  mails: MailQueue;
  audit: AuditLog;
  inTransaction: InTransaction;
  clock: Clock;
  ids: Ids;
  /** The configured issuer: links in mail never begin with what a request says (ATTACKS F01). */
  issuer: string;
}

/** The sign-in that the confirmation is needed for: it goes on there. */
export interface VerificationOrigin {
  interaction: string;
  clientId: string;
}

export type SendVerificationOutcome = {
  kind: 'sent' | 'limited' | 'verified' | 'no_address' | 'disabled' | 'missing';
};

/** Hours that the link works (LIMITS row 15). */
export const verificationHours = 24;

/**
 * Sends the link by which somebody confirms the address that their account has: one that an operator or an import has given it.
 * A new link ends the one before; an address gets one in two minutes and five in an hour (ATTACKS F07).
 */
export const makeSendVerification =
  (deps: SendVerificationDeps) =>
  ({
    accountId,
    origin,
    by,
  }: {
    accountId: string;
    origin?: VerificationOrigin | undefined;
    by: Actor;
  }): Promise<SendVerificationOutcome> =>
    deps.inTransaction(async () => {
      const account = await deps.accounts.find(accountId);
      if (account === undefined) return { kind: 'missing' };
      const { email, emailVerified, status, profile } = account;
      if (status === 'disabled') return { kind: 'disabled' };
      if (email === null) return { kind: 'no_address' };
      if (emailVerified) return { kind: 'verified' };
      const now = deps.clock.now();
      if (!(await deps.mailAllowance.take(allowanceKey('verify_email', foldLoginName(email)), now)))
        return { kind: 'limited' };
      const expiresAt = new Date(now.getTime() + verificationHours * 3_600_000);
      const link = await issueLink(deps, {
        purpose: 'verify_email',
        subjectId: accountId,
        address: email,
        data: origin === undefined ? {} : { ...origin },
        createdAt: now,
        expiresAt,
      });
      await deps.mails.enqueue({
        to: email,
        accountId,
        locale: profile.locale,
        message: { kind: 'verify_email', params: { address: email, link } },
        expiresAt,
      });
      await deps.audit.append({ type: 'user.email.verification_sent', accountId }, by);
      return { kind: 'sent' };
    });

export type SendVerification = ReturnType<typeof makeSendVerification>;
