import type { AuditLog } from '../audit/event.ts';
import type { Clock } from '../clock.ts';
import type { InTransaction } from '../transaction.ts';
import { composeMail, type Language } from './compose-mail.ts';
import { type Mailer, MailRefused } from './mail.ts';
import { isMailKind, mailLayouts } from './mail-kinds.ts';
import type { OwedMail } from './mail-queue.ts';
import type { OutboxStore, TakenMessage } from './outbox-store.ts';
import type { Tasks } from './task-queue.ts';

export interface DeliverDeps {
  outbox: OutboxStore;
  mailer: Mailer;
  tasks: Tasks;
  audit: AuditLog;
  inTransaction: InTransaction;
  clock: Clock;
  /** From 0 to below 1: `Math.random`. */
  chance: () => number;
  /** The words of a language, or of the one that is nearest to it. */
  languageFor: (locale: string | undefined) => Language;
  serviceName: string;
  /** Told of each failure, for the log. */
  onFailure: (failure: { id: string; kind: string; attempt: number; error: unknown }) => void;
}

export type DeliveryOutcome = 'delivered' | 'failed' | 'dead' | 'expired';

export interface DeliveryWatch {
  /** Told as soon as one was taken: there may be more. */
  onTaken(): void;
  onOutcome(outcome: DeliveryOutcome): void;
}

/** Seconds that a process has for a message before somebody else may try: longer than all time limits of a mail server together. */
const hold = 120;
/** Attempts before an operator has to look: with the delays below, about two days. */
const mostAttempts = 20;
const longestDelay = 4 * 3600;

/**
 * Seconds until the next attempt: 5 s, doubling, up to four hours; each shortened by up to a half, so that what failed together
 * does not come back together.
 */
export function delayAfter(attempt: number, chance: number): number {
  return Math.min(longestDelay, 5 * 2 ** (attempt - 1)) * (1 - chance / 2);
}

/**
 * Takes one message that is due and delivers it, at least once: whoever dies in between leaves it to the next, who delivers it
 * again under the same id. May run several times at once.
 *
 * @returns whether there was one
 */
export function makeDeliver(deps: DeliverDeps) {
  // What is of another kind waits for a program that can deliver it.
  const kinds = [...Object.keys(mailLayouts), ...Object.keys(deps.tasks)];
  return async ({ onTaken, onOutcome }: DeliveryWatch): Promise<boolean> => {
    const [message] = await deps.outbox.take(1, hold, kinds);
    if (message === undefined) return false;
    onTaken();
    onOutcome(await deliverOne(deps, message));
    return true;
  };
}

export type Deliver = ReturnType<typeof makeDeliver>;

async function deliverOne(deps: DeliverDeps, message: TakenMessage): Promise<DeliveryOutcome> {
  const { outbox, clock } = deps;
  const { id, kind, attempt, expiresAt, payload } = message;
  if (expiresAt !== null && expiresAt <= clock.now())
    return giveUp(deps, message, 'expired', 'it was of no use any more');
  if (payload === undefined)
    return giveUp(deps, message, 'dead', 'it cannot be opened: its encryption key is gone');
  try {
    await perform(deps, message);
  } catch (error) {
    deps.onFailure({ id, kind, attempt, error });
    const reason = error instanceof Error ? error.message.slice(0, 500) : 'unknown';
    if (attempt >= mostAttempts || error instanceof MailRefused) return giveUp(deps, message, 'dead', reason);
    const dueAt = new Date(clock.now().getTime() + delayAfter(attempt, deps.chance()) * 1000);
    await outbox.postpone(id, dueAt, reason);
    return 'failed';
  }
  // crash point: mail_accepted
  await outbox.deliver(id);
  return 'delivered';
}

async function giveUp(
  { outbox, audit, inTransaction }: DeliverDeps,
  { id: messageId, kind, attempt: attempts }: TakenMessage,
  state: 'dead' | 'expired',
  reason: string,
): Promise<DeliveryOutcome> {
  await inTransaction(async () => {
    const given = await outbox.giveUp(messageId, state, reason);
    if (given === undefined) return;
    const accountId = given.accountId ?? undefined;
    await audit.append(
      { type: 'outbox.given_up', messageId, kind, accountId, state, attempts },
      { kind: 'system' },
    );
  });
  return state;
}

/** What is owed was sealed by this program or the version before: its kind says what it is. */
async function perform(deps: DeliverDeps, { id, kind, payload }: TakenMessage): Promise<void> {
  const { tasks, mailer, outbox, languageFor, serviceName } = deps;
  if (isMailKind(kind)) {
    const owed = payload as OwedMail;
    return mailer.send({ ...composeMail(owed, languageFor(owed.locale), serviceName), id });
  }
  const task = Object.hasOwn(tasks, kind) ? tasks[kind as keyof Tasks] : undefined;
  if (task === undefined) throw new Error(`nobody here knows what to do with ${kind}`);
  await task(payload as never, () => outbox.deliver(id));
}
