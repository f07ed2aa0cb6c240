import { foldLoginName } from '../../accounts/account.ts';
import type { Actor } from '../../audit/event.ts';
import type { Clock } from '../../clock.ts';
import type { MailAllowance } from '../../outbox/mail-allowance.ts';
import { allowanceKey } from '../../outbox/mail-allowance.ts';
import type { TaskQueue } from '../../outbox/task-queue.ts';
import type { InTransaction } from '../../transaction.ts';
import { resetLinkMinutes, type WayBack } from './reset-request.ts';

export interface AskForResetDeps {
  mailAllowance: MailAllowance;
  tasks: TaskQueue;
  inTransaction: InTransaction;
  clock: Clock;
}

export interface AskForReset {
  /** An e-mail address or a user name, as it was typed. */
  name: string;
  wayBack?: WayBack | undefined;
  by: Actor;
}

/** The longest login name is an e-mail address (RFC 5321 4.5.3.1.3: a path of 256 octets with its brackets). */
const longestLoginName = 254;

/**
 * Takes note that somebody wants to reset a password. Whose it is, and whether it is anybody's, is not looked at here: that
 * is done later, so neither the answer nor its time can tell (LIMITS row 14, ATTACKS D01). More requests for one name than it
 * gets mail for are forgotten, whether or not it is a name.
 */
export const makeAskForReset =
  ({ mailAllowance, tasks, inTransaction, clock }: AskForResetDeps) =>
  async ({ name: typed, wayBack, by }: AskForReset): Promise<void> => {
    const folded = foldLoginName(typed);
    const name = folded.length > longestLoginName || folded.includes('\0') ? '' : folded;
    const now = clock.now();
    const expiresAt = new Date(now.getTime() + resetLinkMinutes * 60_000);
    await inTransaction(async () => {
      if (!(await mailAllowance.take(allowanceKey('password_reset', name), now))) return;
      await tasks.enqueueTask({
        kind: 'password_reset_request',
        payload: { name, wayBack, by },
        expiresAt,
      });
    });
  };

export type AskForResetUse = ReturnType<typeof makeAskForReset>;
