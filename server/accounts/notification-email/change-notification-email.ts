import type { Actor, AuditLog } from '../../audit/event.ts';
import type { Clock } from '../../clock.ts';
import type { MailQueue } from '../../outbox/mail-queue.ts';
import type { InTransaction } from '../../transaction.ts';
import { LinkDoesNothing, type LinkFault, lookAtLink, useLink } from '../look-at-link.ts';
import type { NotificationAddressStore } from '../notification-addresses.ts';
import { hashLinkToken, type OneTimeLinkStore } from '../one-time-link.ts';
import type { AccountStore } from '../store.ts';

export interface ChangeNotificationEmailDeps {
  accounts: Pick<AccountStore, 'find'>;
  addresses: NotificationAddressStore;
  oneTimeLinks: OneTimeLinkStore;
  mails: MailQueue;
  audit: AuditLog;
  inTransaction: InTransaction;
  clock: Clock;
  issuer: string;
}

export type ConfirmNotificationEmailOutcome =
  | { kind: 'confirmed'; address: string }
  | { kind: 'over'; why: LinkFault };

/** The second address comes by its link and goes by its owner's word; each time all addresses are told, the old ones too. */
export function makeChangeNotificationEmail(deps: ChangeNotificationEmailDeps) {
  return {
    /** Which address the link would add. */
    async look(token: string): Promise<{ address: string } | LinkFault> {
      const link = await lookAtLink(deps, token, 'verify_notification_email');
      return typeof link === 'string' ? link : { address: link.address };
    },

    async confirm(input: { token: string; by: Actor }): Promise<ConfirmNotificationEmailOutcome> {
      const outcome = await useLink(async () => {
        const found = await lookAtLink(deps, input.token, 'verify_notification_email');
        if (typeof found === 'string') throw new LinkDoesNothing(found);
        await deps.inTransaction(() => add(deps, input));
        return { kind: 'confirmed', address: found.address } as const;
      });
      return outcome.kind === 'taken' ? { kind: 'over', why: 'ended' } : outcome;
    },

    /** Also ends a link that is on its way. */
    remove: ({ accountId, by }: { accountId: string; by: Actor }): Promise<{ kind: 'removed' | 'missing' }> =>
      deps.inTransaction(async () => {
        const told = await deps.addresses.allOf(accountId);
        await deps.oneTimeLinks.endAll(accountId, deps.clock.now(), ['verify_notification_email']);
        if (!(await deps.addresses.remove(accountId))) return { kind: 'missing' };
        await deps.audit.append({ type: 'notification_email.removed', accountId }, by);
        await tell(deps, accountId, told, 'notification_email_removed');
        return { kind: 'removed' };
      }),
  };
}

export type ChangeNotificationEmail = ReturnType<typeof makeChangeNotificationEmail>;

async function add(
  deps: ChangeNotificationEmailDeps,
  { token, by }: { token: string; by: Actor },
): Promise<void> {
  const now = deps.clock.now();
  const link = await deps.oneTimeLinks.consume(hashLinkToken(token), 'verify_notification_email', now);
  if (link === undefined) throw new LinkDoesNothing('used');
  const accountId = link.subjectId;
  const account = await deps.accounts.find(accountId);
  if (account?.status !== 'active') throw new LinkDoesNothing('ended');
  const before = await deps.addresses.allOf(accountId);
  await deps.addresses.save(accountId, link.address, now);
  await deps.audit.append({ type: 'notification_email.added', accountId }, by);
  await tell(deps, accountId, before, 'notification_email_added');
}

async function tell(
  { mails, issuer, accounts }: ChangeNotificationEmailDeps,
  accountId: string,
  addresses: readonly string[],
  kind: 'notification_email_added' | 'notification_email_removed',
): Promise<void> {
  const account = await accounts.find(accountId);
  const params = { link: `${issuer}/account/email` };
  for (const to of addresses)
    await mails.enqueue({ to, accountId, locale: account?.profile.locale, message: { kind, params } });
}
