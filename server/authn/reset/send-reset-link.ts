import type { Account } from '../../accounts/account.ts';
import { issueLink } from '../../accounts/issue-link.ts';
import type { OneTimeLinkStore } from '../../accounts/one-time-link.ts';
import type { AccountStore } from '../../accounts/store.ts';
import type { Actor, AuditLog } from '../../audit/event.ts';
import type { Clock } from '../../clock.ts';
import { AppError } from '../../errors.ts';
import type { Ids } from '../../ids.ts';
import { allowanceKey, type MailAllowance } from '../../outbox/mail-allowance.ts';
import type { MailMessage } from '../../outbox/mail-kinds.ts';
import type { MailQueue } from '../../outbox/mail-queue.ts';
import type { DoTask } from '../../outbox/task-queue.ts';
import type { InTransaction } from '../../transaction.ts';
import type { CredentialStore } from '../credential-store.ts';
import { operatorLinkHours, resetLinkMinutes, type WayBack } from './reset-request.ts';

export interface SendResetLinkDeps {
  accounts: Pick<AccountStore, 'find' | 'findByLoginName'>;
  credentials: Pick<CredentialStore, 'findPassword'>;
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

/** What came of a request; for the audit log alone. */
export type ResetRequestResult = 'sent' | 'no_password' | 'unknown' | 'disabled' | 'no_address' | 'limited';

/**
 * Answers a request for a link, by mail or not at all: the link to the account's own address, or how its owner signs in who
 * has no password. What is owed, its event and the end of the task are one transaction.
 */
export const makeAnswerResetRequest =
  (deps: SendResetLinkDeps): DoTask<'password_reset_request'> =>
  async ({ name, wayBack, by }, finish) => {
    const account = name === '' ? undefined : await deps.accounts.findByLoginName(name);
    const password = account && (await deps.credentials.findPassword(account.id));
    await deps.inTransaction(async () => {
      const result = await answer(deps, account, { hasPassword: password !== undefined, wayBack });
      await deps.audit.append({ type: 'password.reset.requested', accountId: account?.id, result }, by);
      await finish();
    });
  };

async function answer(
  deps: SendResetLinkDeps,
  account: Account | undefined,
  { hasPassword, wayBack }: { hasPassword: boolean; wayBack: WayBack | undefined },
): Promise<ResetRequestResult> {
  if (account === undefined) return 'unknown';
  if (account.status === 'disabled') return 'disabled';
  const { email } = account;
  if (email === null) return 'no_address';
  // By its address and by its user name it is one account, with one allowance.
  const key = allowanceKey('password_reset', `account ${account.id}`);
  if (!(await deps.mailAllowance.take(key, deps.clock.now()))) return 'limited';
  if (!hasPassword) {
    const params = { address: email, link: `${deps.issuer}/account` };
    await owe(deps, account, email, { kind: 'password_reset_none', params });
    return 'no_password';
  }
  const expiresAt = new Date(deps.clock.now().getTime() + resetLinkMinutes * 60_000);
  const link = await issue(deps, account, email, { expiresAt, wayBack });
  await owe(deps, account, email, { kind: 'password_reset', params: { address: email, link } }, expiresAt);
  return 'sent';
}

export type StartResetOutcome = { kind: 'sent' | 'missing' | 'disabled' | 'no_address' };

/**
 * An operator sends somebody a link by which they set their password, be it the first one. The operator never learns it
 * (LIMITS row 16). The present password works until the link is used.
 */
export const makeStartReset =
  (deps: SendResetLinkDeps) =>
  ({ accountId, by }: { accountId: string; by: Actor }): Promise<StartResetOutcome> =>
    deps.inTransaction(async () => {
      const account = await deps.accounts.find(accountId);
      if (account === undefined) return { kind: 'missing' };
      if (account.status === 'disabled') return { kind: 'disabled' };
      const { email } = account;
      if (email === null) return { kind: 'no_address' };
      const expiresAt = new Date(deps.clock.now().getTime() + operatorLinkHours * 3_600_000);
      const link = await issue(deps, account, email, { expiresAt, wayBack: undefined });
      const params = { address: email, link };
      await owe(deps, account, email, { kind: 'password_reset_by_operator', params }, expiresAt);
      await deps.audit.append({ type: 'password.reset.started', accountId }, by);
      return { kind: 'sent' };
    });

export type StartReset = ReturnType<typeof makeStartReset>;

/**
 * Somebody has signed in with a password that an operator has set (LIMITS row 15): a link in place of a session, by which they
 * choose their own, and then sign in with that.
 */
export const makeDemandNewPassword =
  (deps: SendResetLinkDeps) =>
  ({ accountId, wayBack, by }: { accountId: string; wayBack: WayBack; by: Actor }): Promise<string> =>
    deps.inTransaction(async () => {
      const account = await deps.accounts.find(accountId);
      if (account === undefined) throw new AppError('user_not_found');
      const expiresAt = new Date(deps.clock.now().getTime() + resetLinkMinutes * 60_000);
      const link = await issue(deps, account, account.email ?? '', { expiresAt, wayBack, isInitial: true });
      await deps.audit.append({ type: 'password.change.demanded', accountId }, by);
      return link;
    });

export type DemandNewPassword = ReturnType<typeof makeDemandNewPassword>;

/** A new link, which ends all earlier ones. */
function issue(
  deps: SendResetLinkDeps,
  account: Account,
  address: string,
  { expiresAt, wayBack, isInitial }: { expiresAt: Date; wayBack: WayBack | undefined; isInitial?: true },
): Promise<string> {
  return issueLink(deps, {
    purpose: 'reset_password',
    subjectId: account.id,
    address,
    data: { ...wayBack, ...(isInitial === undefined ? {} : { isInitial }) },
    createdAt: deps.clock.now(),
    expiresAt,
  });
}

async function owe(
  { mails }: SendResetLinkDeps,
  { id, profile }: Account,
  to: string,
  message: MailMessage,
  expiresAt?: Date,
): Promise<void> {
  await mails.enqueue({ to, accountId: id, locale: profile.locale, message, expiresAt });
}
