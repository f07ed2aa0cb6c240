import type { Clock } from '../clock.ts';
import { composeMail, type Texts } from './compose-mail.ts';
import type { Mailer } from './mail.ts';
import { isMailKind, mailLayouts } from './mail-kinds.ts';
import type { OwedMail } from './mail-queue.ts';
import type { OutboxStore, TakenMessage } from './outbox-store.ts';
import type { Tasks } from './task-queue.ts';

export interface DeliverDeps {
  outbox: OutboxStore;
  mailer: Mailer;
  tasks: Tasks;
  clock: Clock;
  texts: Texts;
  serviceName: string;
  /** Told of each failure, for the log. */
  onFailure: (failure: { id: string; kind: string; attempt: number; error: unknown }) => void;
}

/** Messages taken at once. */
const batch = 10;
/** Seconds that a process has for them before somebody else may try. */
const hold = 120;
/** Attempts before an operator has to look: with the delays below, about two days. */
const mostAttempts = 20;
const longestDelay = 4 * 3600;

/** Seconds until the next attempt: 5 s, doubling, up to four hours. */
export const delayAfter = (attempt: number): number => Math.min(longestDelay, 5 * 2 ** (attempt - 1));

/**
 * Delivers what is due, at least once each.
 *
 * @returns how many messages were taken; as many as a batch holds means that there may be more
 */
export const makeDeliver = (deps: DeliverDeps) => async (): Promise<{ taken: number; more: boolean }> => {
  // What is of another kind waits for somebody who can deliver it (logout-queue.ts).
  const kinds = [...Object.keys(mailLayouts), ...Object.keys(deps.tasks)];
  const taken = await deps.outbox.take(batch, hold, kinds);
  for (const message of taken) await deliverOne(deps, message);
  return { taken: taken.length, more: taken.length === batch };
};

async function deliverOne(deps: DeliverDeps, message: TakenMessage): Promise<void> {
  const { outbox, clock } = deps;
  const { id, kind, attempt, expiresAt, payload } = message;
  if (expiresAt !== null && expiresAt <= clock.now()) {
    return outbox.giveUp(id, 'expired', 'it was of no use any more');
  }
  if (payload === undefined) {
    return outbox.giveUp(id, 'dead', 'it cannot be opened: its encryption key is gone');
  }
  try {
    await perform(deps, message);
  } catch (error) {
    deps.onFailure({ id, kind, attempt, error });
    const reason = error instanceof Error ? error.message.slice(0, 500) : 'unknown';
    if (attempt >= mostAttempts) return outbox.giveUp(id, 'dead', reason);
    const dueAt = new Date(clock.now().getTime() + delayAfter(attempt) * 1000);
    return outbox.postpone(id, dueAt, reason);
  }
  await outbox.deliver(id);
}

/** What is owed was sealed by this program or the version before: its kind says what it is. */
async function perform({ tasks, mailer, outbox, texts, serviceName }: DeliverDeps, message: TakenMessage) {
  const { id, kind, payload } = message;
  if (isMailKind(kind)) return mailer.send({ ...composeMail(payload as OwedMail, texts, serviceName), id });
  const task = Object.hasOwn(tasks, kind) ? tasks[kind as keyof Tasks] : undefined;
  if (task === undefined) throw new Error(`nobody here knows what to do with ${kind}`);
  await task(payload as never, () => outbox.deliver(id));
}

export type Deliver = ReturnType<typeof makeDeliver>;
