import type { Actor, AuditLog } from '../../audit/event.ts';
import type { Clock } from '../../clock.ts';
import type { Ids } from '../../ids.ts';
import { allowanceKey, type MailAllowance } from '../../outbox/mail-allowance.ts';
import type { MailQueue } from '../../outbox/mail-queue.ts';
import type { DoTask } from '../../outbox/task-queue.ts';
import type { InTransaction } from '../../transaction.ts';
import { foldLoginName } from '../account.ts';
import { issueLink } from '../issue-link.ts';
import type { OneTimeLinkStore } from '../one-time-link.ts';
import type { AccountStore } from '../store.ts';
import type { SignUp, SignUpStore } from './sign-up.ts';

/** Somebody, anybody, has signed up, or wants the mail once more. */
export interface SignUpRequest {
  signUpId: string;
  by: Actor;
}

export interface SendConfirmationDeps {
  signUps: SignUpStore;
  accounts: Pick<AccountStore, 'findByLoginName'>;
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

/** What came of it; for the audit log alone. */
type Result = 'sent' | 'address_taken' | 'limited' | 'over';

/**
 * Answers a sign-up by mail: the link that confirms the address, or, to the owner of an account with that address, what
 * happened. What is owed, its event and the end of the task are one transaction.
 */
export const makeSendConfirmation =
  (deps: SendConfirmationDeps): DoTask<'sign_up_request'> =>
  async ({ signUpId, by }, finish) =>
    deps.inTransaction(async () => {
      const result = await answer(deps, await deps.signUps.find(signUpId));
      await deps.audit.append({ type: 'signup.requested', signUpId, result }, by);
      await finish();
    });

async function answer(deps: SendConfirmationDeps, signUp: SignUp | undefined): Promise<Result> {
  const now = deps.clock.now();
  if (signUp === undefined || signUp.confirmedAt !== null || signUp.endedAt !== null) return 'over';
  if (signUp.expiresAt <= now) return 'over';
  const folded = foldLoginName(signUp.email);
  // One allowance, whatever is in the mail: nobody learns by counting.
  if (!(await deps.mailAllowance.take(allowanceKey('sign_up', folded), now))) return 'limited';
  const account = await deps.accounts.findByLoginName(folded);
  if (account !== undefined) {
    await deps.mails.enqueue({
      // To the address as its owner writes it, not as the stranger did.
      to: account.email ?? signUp.email,
      accountId: account.id,
      locale: account.profile.locale,
      message: {
        kind: 'sign_up_taken',
        params: { address: account.email ?? signUp.email, link: `${deps.issuer}/forgot-password` },
      },
      expiresAt: signUp.expiresAt,
    });
    return 'address_taken';
  }
  await sendLink(deps, signUp, now);
  return 'sent';
}

async function sendLink(
  deps: SendConfirmationDeps,
  { id, email, profile, expiresAt }: SignUp,
  now: Date,
): Promise<void> {
  const link = await issueLink(deps, {
    purpose: 'sign_up',
    subjectId: id,
    address: email,
    createdAt: now,
    expiresAt,
  });
  await deps.mails.enqueue({
    to: email,
    locale: profile.locale,
    message: {
      kind: 'sign_up',
      params: { address: email, link },
    },
    expiresAt,
  });
}
