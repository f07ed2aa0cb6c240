import type { Actor, AuditLog } from '../../audit/event.ts';
import type { Clock } from '../../clock.ts';
import type { Ids } from '../../ids.ts';
import { allowanceKey, type MailAllowance } from '../../outbox/mail-allowance.ts';
import type { MailQueue } from '../../outbox/mail-queue.ts';
import type { InTransaction } from '../../transaction.ts';
import { type Account, foldLoginName } from '../account.ts';
import { issueLink } from '../issue-link.ts';
import { faultInEmailAddress } from '../login-name-rules.ts';
import type { OneTimeLinkStore } from '../one-time-link.ts';
import type { AccountStore } from '../store.ts';

export interface AskForEmailChangeDeps {
  accounts: Pick<AccountStore, 'find' | 'findByLoginName'>;
  oneTimeLinks: Pick<OneTimeLinkStore, 'issue'>;
  mailAllowance: MailAllowance;
  mails: MailQueue;
  audit: AuditLog;
  inTransaction: InTransaction;
  clock: Clock;
  ids: Ids;
  issuer: string;
}

export type AskForEmailChangeOutcome =
  | { kind: 'asked'; expiresAt: Date }
  | { kind: 'refused'; fault: string }
  | { kind: 'limited' | 'missing' };

/** Hours that the link to a new address works (LIMITS row 15). */
export const changeLinkHours = 24;

/**
 * Somebody wants another address. It counts once the link that is sent there was confirmed; until then the old one does
 * (ATTACKS F11). Whether the address is free is told to its owner alone: both ways end in one mail, with the same work.
 */
export const makeAskForEmailChange =
  (deps: AskForEmailChangeDeps) =>
  ({ accountId, email, by }: { accountId: string; email: string; by: Actor }) =>
    deps.inTransaction(async (): Promise<AskForEmailChangeOutcome> => {
      const account = await deps.accounts.find(accountId);
      if (account?.status !== 'active') return { kind: 'missing' };
      const fault = faultIn(account, email);
      if (fault !== undefined) return { kind: 'refused', fault };
      const now = deps.clock.now();
      const folded = foldLoginName(email);
      if (!(await deps.mailAllowance.take(allowanceKey('email_change', `account ${accountId}`), now)))
        return { kind: 'limited' };
      const mayBeSent = await deps.mailAllowance.take(allowanceKey('email_change', folded), now);
      const expiresAt = new Date(now.getTime() + changeLinkHours * 3_600_000);
      const link = await issue(deps, account, email, { now, expiresAt });
      const owner = await deps.accounts.findByLoginName(folded);
      if (mayBeSent) await owe(deps, { account, owner, email, link, expiresAt });
      await deps.audit.append({ type: 'email.change.requested', accountId }, by);
      return { kind: 'asked', expiresAt };
    });

export type AskForEmailChange = ReturnType<typeof makeAskForEmailChange>;

function faultIn({ email: present }: Account, email: string): string | undefined {
  if (present !== null && foldLoginName(present) === foldLoginName(email))
    return 'This is your address already.';
  return faultInEmailAddress(email);
}

function issue(
  deps: AskForEmailChangeDeps,
  account: Account,
  address: string,
  { now, expiresAt }: { now: Date; expiresAt: Date },
): Promise<string> {
  return issueLink(deps, {
    purpose: 'change_email',
    subjectId: account.id,
    address,
    data: { from: account.email },
    createdAt: now,
    expiresAt,
  });
}

interface Owed {
  account: Account;
  owner: Account | undefined;
  email: string;
  link: string;
  expiresAt: Date;
}

/** To the new address as it was written, or to the owner's as that one writes it. */
async function owe(
  { mails, issuer }: AskForEmailChangeDeps,
  { account, owner, email, link, expiresAt }: Owed,
): Promise<void> {
  const { id, profile } = account;
  if (owner === undefined) {
    const message = { kind: 'email_change', params: { address: email, link } } as const;
    return mails.enqueue({ to: email, accountId: id, locale: profile.locale, message, expiresAt });
  }
  const message = {
    kind: 'email_change_taken',
    params: { address: email, link: `${issuer}/account` },
  } as const;
  const to = owner.email ?? email;
  await mails.enqueue({ to, accountId: owner.id, locale: owner.profile.locale, message, expiresAt });
}
