import type { AccountStore } from '../../accounts/store.ts';
import type { Actor, AuditEvent, AuditLog } from '../../audit/event.ts';
import type { Clock } from '../../clock.ts';
import type { MailQueue } from '../../outbox/mail-queue.ts';
import type { InTransaction } from '../../transaction.ts';
import type { BegunLock, GateOutcome } from './gate.ts';

export interface NoteFailureDeps {
  accounts: Pick<AccountStore, 'find'>;
  audit: AuditLog;
  mails: MailQueue;
  clock: Clock;
  inTransaction: InTransaction;
  issuer: string;
}

/** Seconds after which nobody needs to be told any more. */
const newsLasts = 24 * 60 * 60;

/**
 * Writes down that a password was not right. Where that begins a lock, operators find an event of its own, and the owner is
 * told, once; of what their own device does they know.
 */
export const makeNoteFailure =
  (deps: NoteFailureDeps) =>
  async (
    failed: AuditEvent,
    { accountId, lock }: Extract<GateOutcome, { kind: 'rejected' }>,
    by: Actor,
  ): Promise<void> => {
    if (lock === undefined) return deps.audit.append(failed, by);
    return deps.inTransaction(async () => {
      await deps.audit.append(failed, by);
      await deps.audit.append({ type: 'signin.locked', accountId, ...lock }, by);
      if (!lock.isKnownDevice) await tellOwner(deps, accountId, lock);
    });
  };

export type NoteFailure = ReturnType<typeof makeNoteFailure>;

async function tellOwner(
  { accounts, mails, clock, issuer }: NoteFailureDeps,
  accountId: string | undefined,
  { isClosed }: BegunLock,
): Promise<void> {
  // Looked up for a name without an account, too: what a stranger waits for must not tell that there is none.
  const account = await accounts.find(accountId ?? '');
  if (account === undefined || account.email === null) return;
  await mails.enqueue({
    to: account.email,
    accountId: account.id,
    locale: account.profile.locale,
    expiresAt: new Date(clock.now().getTime() + newsLasts * 1000),
    message: {
      kind: isClosed ? 'sign_in_closed' : 'sign_in_locked',
      params: { link: `${issuer}/forgot-password` },
    },
  });
}
