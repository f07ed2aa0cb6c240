import type { Actor } from '../../audit/event.ts';
import type { Clock } from '../../clock.ts';
import type { Ids } from '../../ids.ts';
import type { MailQueue } from '../../outbox/mail-queue.ts';
import type { InTransaction } from '../../transaction.ts';
import { type Account, foldLoginName } from '../account.ts';
import { issueLink } from '../issue-link.ts';
import type { OneTimeLinkStore } from '../one-time-link.ts';
import { adminRole } from '../role-names.ts';
import type { AccountStore } from '../store.ts';
import type { DeletionStore, LastOfRole } from './deletion-store.ts';
import { type EraseAccountDeps, eraseAccount } from './erase-account.ts';

export interface AskForDeletionDeps extends EraseAccountDeps {
  accounts: Pick<AccountStore, 'find' | 'update' | 'delete'> & LastOfRole;
  deletions: Pick<DeletionStore, 'schedule'>;
  oneTimeLinks: Pick<OneTimeLinkStore, 'issue' | 'endAll'>;
  mails: MailQueue;
  inTransaction: InTransaction;
  clock: Clock;
  ids: Ids;
  issuer: string;
  /** Seconds in which the owner can still take it back; none: it is gone at once. */
  deletionGrace: number;
}

export type AskForDeletionOutcome =
  | { kind: 'deleted' }
  | { kind: 'scheduled'; dueAt: Date }
  /** What was typed is neither the address nor the user name. */
  | { kind: 'unconfirmed' }
  | { kind: 'last_administrator' | 'missing' | 'stale' };

/**
 * A person wants to be forgotten. With a grace, the account opens to nobody until it is over, but for the link that takes it
 * back; whoever was signed in is signed out at once either way.
 */
export const makeAskForDeletion =
  (deps: AskForDeletionDeps) =>
  ({ accountId, confirmation, by }: { accountId: string; confirmation: string; by: Actor }) =>
    deps.inTransaction(async (): Promise<AskForDeletionOutcome> => {
      const account = await deps.accounts.find(accountId);
      if (account?.status !== 'active') return { kind: 'missing' };
      if (!isConfirmedBy(account, confirmation)) return { kind: 'unconfirmed' };
      const isAdmin = account.roles.includes(adminRole);
      if (isAdmin && (await deps.accounts.isLastWithRole(accountId, adminRole)))
        return { kind: 'last_administrator' };
      return deps.deletionGrace === 0 ? eraseNow(deps, account, by) : schedule(deps, account, by);
    });

export type AskForDeletion = ReturnType<typeof makeAskForDeletion>;

function isConfirmedBy({ email, username }: Account, confirmation: string): boolean {
  const typed = foldLoginName(confirmation);
  return [email, username].some((name) => name !== null && foldLoginName(name) === typed);
}

async function eraseNow(
  deps: AskForDeletionDeps,
  account: Account,
  by: Actor,
): Promise<AskForDeletionOutcome> {
  // Bound to the version that was judged: nobody becomes the last administrator in between.
  const told = await eraseAccount(deps, account, {
    by: { ...by, ip: undefined, userAgent: undefined },
    expectedVersion: account.version,
  });
  if (told === undefined) return { kind: 'stale' };
  await sayFarewell(deps, told, account.profile.locale);
  return { kind: 'deleted' };
}

/** To nobody's account: the mail is the last that names them, and is forgotten once it is sent. */
export async function sayFarewell(
  { mails }: { mails: MailQueue },
  addresses: readonly string[],
  locale: string | undefined,
): Promise<void> {
  for (const to of addresses)
    await mails.enqueue({ to, locale, message: { kind: 'account_deleted', params: {} } });
}

async function schedule(
  deps: AskForDeletionDeps,
  account: Account,
  by: Actor,
): Promise<AskForDeletionOutcome> {
  const { id, profile } = account;
  const now = deps.clock.now();
  const dueAt = new Date(now.getTime() + deps.deletionGrace * 1000);
  const closed: Account = { ...account, status: 'disabled', updatedAt: now, version: account.version + 1 };
  const written = await deps.accounts.update(closed, account.version);
  if (written.kind !== 'written') return { kind: 'stale' };
  await deps.deletions.schedule(id, now, dueAt);
  await deps.oneTimeLinks.endAll(id, now);
  await deps.artifacts.revokeAll(id);
  await deps.audit.append({ type: 'user.deletion.requested', accountId: id, dueAt: dueAt.toISOString() }, by);
  const told = await deps.notificationAddresses(id);
  const link = await issueLink(deps, {
    purpose: 'cancel_deletion',
    subjectId: id,
    address: account.email ?? '',
    createdAt: now,
    expiresAt: dueAt,
  });
  const params = { date: dueAt.toISOString().slice(0, 10), link };
  const message = { kind: 'account_deletion', params } as const;
  for (const to of told)
    await deps.mails.enqueue({ to, accountId: id, locale: profile.locale, message, expiresAt: dueAt });
  return { kind: 'scheduled', dueAt };
}
