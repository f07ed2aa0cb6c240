import type { Actor, AuditLog } from '../../audit/event.ts';
import type { Clock } from '../../clock.ts';
import type { Ids } from '../../ids.ts';
import type { MailQueue } from '../../outbox/mail-queue.ts';
import type { InTransaction } from '../../transaction.ts';
import type { Account } from '../account.ts';
import type { AccountArtifacts } from '../artifacts.ts';
import { issueLink } from '../issue-link.ts';
import { LinkDoesNothing, type LinkFault, lookAtLink, useLink } from '../look-at-link.ts';
import type { NotificationAddresses } from '../notification-addresses.ts';
import { hashLinkToken, type OneTimeLink, type OneTimeLinkStore } from '../one-time-link.ts';
import type { AccountStore } from '../store.ts';

export interface UndoEmailChangeDeps {
  accounts: Pick<AccountStore, 'find' | 'update'>;
  oneTimeLinks: OneTimeLinkStore;
  artifacts: Pick<AccountArtifacts, 'revokeAll'>;
  /** What was counted and remembered of sign-ins: whoever had the account must not keep a known device. */
  attempts: { forgetDevices(accountId: string): Promise<void> };
  credentials: {
    /** The present password lets nobody in any more; false when there is none. */
    demandReset(accountId: string): Promise<boolean>;
  };
  /** A deletion that whoever had the account asked for. */
  deletions: { take(accountId: string): Promise<boolean> };
  notificationAddresses: NotificationAddresses;
  mails: MailQueue;
  audit: AuditLog;
  inTransaction: InTransaction;
  clock: Clock;
  ids: Ids;
  issuer: string;
}

export type UndoEmailChangeOutcome =
  /** `next` is where another password is set; null for an account without one. */
  | { kind: 'restored'; address: string; next: string | null }
  | { kind: 'over'; why: LinkFault }
  /** Another account has the old address now. */
  | { kind: 'taken' };

/** Minutes that the link to another password works (LIMITS row 17). */
const resetLinkMinutes = 30;

/**
 * What the link to the old address does: that one counts again, every session and token ends, and the password that somebody
 * knew who was not the owner opens nothing any more.
 */
export function makeUndoEmailChange(deps: UndoEmailChangeDeps) {
  const findLive = async (token: string): Promise<OneTimeLink | LinkFault> => {
    const link = await lookAtLink(deps, token, 'undo_email');
    if (typeof link === 'string') return link;
    return (await deps.accounts.find(accountIdOf(link))) === undefined ? 'ended' : link;
  };

  return {
    /** Which address would count again. */
    async look(token: string): Promise<{ address: string } | LinkFault> {
      const link = await findLive(token);
      return typeof link === 'string' ? link : { address: link.address };
    },

    undo: ({ token, by }: { token: string; by: Actor }): Promise<UndoEmailChangeOutcome> =>
      useLink(async () => {
        const found = await findLive(token);
        if (typeof found === 'string') throw new LinkDoesNothing(found);
        const next = await deps.inTransaction(async () => {
          const link = await deps.oneTimeLinks.consume(hashLinkToken(token), 'undo_email', deps.clock.now());
          if (link === undefined) throw new LinkDoesNothing('used');
          return restore(deps, link, by);
        });
        return { kind: 'restored', address: found.address, next } as const;
      }),
  };
}

export type UndoEmailChange = ReturnType<typeof makeUndoEmailChange>;

const accountIdOf = ({ data: { accountId } }: OneTimeLink): string =>
  typeof accountId === 'string' ? accountId : '';

async function restore(deps: UndoEmailChangeDeps, link: OneTimeLink, by: Actor): Promise<string | null> {
  const now = deps.clock.now();
  const before = await deps.accounts.find(accountIdOf(link));
  if (before === undefined) throw new LinkDoesNothing('ended');
  const after: Account = {
    ...before,
    email: link.address,
    emailVerified: link.data.verified === true,
    status: (await deps.deletions.take(before.id)) ? 'active' : before.status,
    updatedAt: now,
    version: before.version + 1,
  };
  const written = await deps.accounts.update(after, before.version);
  if (written.kind === 'login_name_taken') throw new LinkDoesNothing('taken');
  if (written.kind !== 'written') throw new LinkDoesNothing('ended');
  await deps.oneTimeLinks.endAll(before.id, now);
  // Whoever took the account has got undo links for each further change of theirs.
  await deps.oneTimeLinks.endBelow(before.id, link.createdAt, now);
  await deps.artifacts.revokeAll(before.id);
  await deps.attempts.forgetDevices(before.id);
  const hadPassword = await deps.credentials.demandReset(before.id);
  const change = { before: { email: before.email }, after: { email: after.email } };
  await deps.audit.append({ type: 'email.change.undone', accountId: before.id, change }, by);
  const params = { address: link.address, link: `${deps.issuer}/forgot-password` };
  for (const to of await deps.notificationAddresses(before.id)) {
    const message = { kind: 'email_change_undone', params } as const;
    await deps.mails.enqueue({ to, accountId: before.id, locale: before.profile.locale, message });
  }
  return hadPassword ? issueReset(deps, after) : null;
}

/** Who holds the link has just proven the address, so the way to another password is no longer than that. */
function issueReset(deps: UndoEmailChangeDeps, { id, email }: Account): Promise<string> {
  const createdAt = deps.clock.now();
  return issueLink(deps, {
    purpose: 'reset_password',
    subjectId: id,
    address: email ?? '',
    createdAt,
    expiresAt: new Date(createdAt.getTime() + resetLinkMinutes * 60_000),
  });
}
