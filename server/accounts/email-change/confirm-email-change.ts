import type { Actor, AuditLog } from '../../audit/event.ts';
import type { Clock } from '../../clock.ts';
import type { Ids } from '../../ids.ts';
import type { MailQueue } from '../../outbox/mail-queue.ts';
import type { InTransaction } from '../../transaction.ts';
import { type Account, foldLoginName } from '../account.ts';
import { issueLink } from '../issue-link.ts';
import { LinkDoesNothing, type LinkFault, lookAtLink, useLink } from '../look-at-link.ts';
import type { NotificationAddresses } from '../notification-addresses.ts';
import { hashLinkToken, type OneTimeLink, type OneTimeLinkStore } from '../one-time-link.ts';
import type { AccountStore } from '../store.ts';

export interface ConfirmEmailChangeDeps {
  accounts: Pick<AccountStore, 'find' | 'update'>;
  oneTimeLinks: OneTimeLinkStore;
  notificationAddresses: NotificationAddresses;
  mails: MailQueue;
  audit: AuditLog;
  inTransaction: InTransaction;
  clock: Clock;
  ids: Ids;
  issuer: string;
}

export type ConfirmEmailChangeOutcome =
  | { kind: 'changed'; address: string }
  | { kind: 'over'; why: LinkFault }
  /** Somebody else has confirmed the same address meanwhile. */
  | { kind: 'taken' };

/** Hours in which the old address can take the change back. */
export const undoLinkHours = 72;

/** What the link to a new address does: it becomes the address of the account, and is proven by that. */
export function makeConfirmEmailChange(deps: ConfirmEmailChangeDeps) {
  const findLive = async (token: string): Promise<OneTimeLink | LinkFault> => {
    const link = await lookAtLink(deps, token, 'change_email');
    if (typeof link === 'string') return link;
    const account = await deps.accounts.find(link.subjectId);
    return account !== undefined && isFor(link, account) ? link : 'ended';
  };

  return {
    /** Which address the link would bring, and what it would replace. */
    async look(token: string): Promise<{ address: string; from: string | null } | LinkFault> {
      const link = await findLive(token);
      if (typeof link === 'string') return link;
      const { from } = link.data;
      return { address: link.address, from: typeof from === 'string' ? from : null };
    },

    /** Uses the link up and changes the address, as one. Reset links to the old address end with it (ATTACKS F05). */
    confirm: ({ token, by }: { token: string; by: Actor }): Promise<ConfirmEmailChangeOutcome> =>
      useLink(async () => {
        const found = await findLive(token);
        if (typeof found === 'string') throw new LinkDoesNothing(found);
        const address = await deps.inTransaction(async () => {
          const link = await deps.oneTimeLinks.consume(
            hashLinkToken(token),
            'change_email',
            deps.clock.now(),
          );
          if (link === undefined) throw new LinkDoesNothing('used');
          return change(deps, link, by);
        });
        return { kind: 'changed', address } as const;
      }),
  };
}

export type ConfirmEmailChange = ReturnType<typeof makeConfirmEmailChange>;

/** The account has the address that it had when the link was asked for. */
function isFor({ data: { from } }: OneTimeLink, { status, email }: Account): boolean {
  const same =
    typeof from === 'string'
      ? email !== null && foldLoginName(email) === foldLoginName(from)
      : email === null;
  return status === 'active' && same;
}

async function change(deps: ConfirmEmailChangeDeps, link: OneTimeLink, by: Actor): Promise<string> {
  const now = deps.clock.now();
  const before = await deps.accounts.find(link.subjectId);
  if (before === undefined || !isFor(link, before)) throw new LinkDoesNothing('ended');
  const told = await deps.notificationAddresses(before.id);
  const after: Account = {
    ...before,
    email: link.address,
    emailVerified: true,
    updatedAt: now,
    version: before.version + 1,
  };
  const written = await deps.accounts.update(after, before.version);
  if (written.kind === 'login_name_taken') throw new LinkDoesNothing('taken');
  if (written.kind !== 'written') throw new LinkDoesNothing('ended');
  await deps.oneTimeLinks.endAll(before.id, now, ['reset_password', 'change_email', 'verify_email']);
  const change = { before: { email: before.email }, after: { email: after.email } };
  await deps.audit.append({ type: 'email.changed', accountId: before.id, change }, by);
  await tellOldAddresses(deps, before, told, after);
  return link.address;
}

/**
 * Whoever had the account before can take it back. Each change has a link of its own, so that a second one ends nothing: the
 * owner's stays good however often a thief changes the address.
 */
async function tellOldAddresses(
  deps: ConfirmEmailChangeDeps,
  { id, email, emailVerified, profile: { locale } }: Account,
  told: readonly string[],
  after: Account,
): Promise<void> {
  if (email === null || told.length === 0) return;
  const createdAt = deps.clock.now();
  const expiresAt = new Date(createdAt.getTime() + undoLinkHours * 3_600_000);
  const link = await issueLink(deps, {
    purpose: 'undo_email',
    subjectId: `${id}/${deps.ids.id()}`,
    address: email,
    data: { accountId: id, verified: emailVerified },
    createdAt,
    expiresAt,
  });
  const params = { old: email, address: after.email ?? '', link };
  for (const to of told)
    await deps.mails.enqueue({ to, accountId: id, locale, message: { kind: 'email_changed', params } });
}
