import type { Actor, AuditLog } from '../../audit/event.ts';
import type { Clock } from '../../clock.ts';
import type { MailQueue } from '../../outbox/mail-queue.ts';
import type { InTransaction } from '../../transaction.ts';
import { LinkDoesNothing, type LinkFault, lookAtLink, useLink } from '../look-at-link.ts';
import type { NotificationAddresses } from '../notification-addresses.ts';
import { hashLinkToken, type OneTimeLinkStore } from '../one-time-link.ts';
import type { AccountStore } from '../store.ts';
import type { DeletionStore } from './deletion-store.ts';

export interface CancelDeletionDeps {
  accounts: Pick<AccountStore, 'find' | 'update'>;
  deletions: Pick<DeletionStore, 'take'>;
  oneTimeLinks: Pick<OneTimeLinkStore, 'find' | 'consume'>;
  notificationAddresses: NotificationAddresses;
  mails: MailQueue;
  audit: AuditLog;
  inTransaction: InTransaction;
  clock: Clock;
  issuer: string;
}

export type CancelDeletionOutcome = { kind: 'cancelled' } | { kind: 'over'; why: LinkFault };

/** What the link in the mail about a deletion does: the account opens again, as it was. Nobody is signed in by it. */
export function makeCancelDeletion(deps: CancelDeletionDeps) {
  return {
    async look(token: string): Promise<'live' | LinkFault> {
      const link = await lookAtLink(deps, token, 'cancel_deletion');
      return typeof link === 'string' ? link : 'live';
    },

    async cancel({ token, by }: { token: string; by: Actor }): Promise<CancelDeletionOutcome> {
      const outcome = await useLink(async () => {
        const found = await lookAtLink(deps, token, 'cancel_deletion');
        if (typeof found === 'string') throw new LinkDoesNothing(found);
        await deps.inTransaction(async () => {
          const now = deps.clock.now();
          const link = await deps.oneTimeLinks.consume(hashLinkToken(token), 'cancel_deletion', now);
          if (link === undefined) throw new LinkDoesNothing('used');
          await reopen(deps, link.subjectId, by);
        });
        return { kind: 'cancelled' } as const;
      });
      return outcome.kind === 'taken' ? { kind: 'over', why: 'ended' } : outcome;
    },
  };
}

export type CancelDeletion = ReturnType<typeof makeCancelDeletion>;

async function reopen(deps: CancelDeletionDeps, accountId: string, by: Actor): Promise<void> {
  const before = await deps.accounts.find(accountId);
  if (before === undefined || !(await deps.deletions.take(accountId))) throw new LinkDoesNothing('ended');
  const now = deps.clock.now();
  const after = { ...before, status: 'active' as const, updatedAt: now, version: before.version + 1 };
  const written = await deps.accounts.update(after, before.version);
  if (written.kind !== 'written') throw new LinkDoesNothing('ended');
  await deps.audit.append({ type: 'user.deletion.cancelled', accountId }, by);
  const message = { kind: 'account_deletion_cancelled', params: { link: `${deps.issuer}/account` } } as const;
  for (const to of await deps.notificationAddresses(accountId))
    await deps.mails.enqueue({ to, accountId, locale: before.profile.locale, message });
}
