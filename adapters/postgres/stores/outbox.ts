import type { Clock } from '../../../server/clock.ts';
import type { Ids } from '../../../server/ids.ts';
import type { LogoutQueue } from '../../../server/outbox/logout-queue.ts';
import type { MailQueue } from '../../../server/outbox/mail-queue.ts';
import type { OutboxStore } from '../../../server/outbox/outbox-store.ts';
import type { TaskQueue } from '../../../server/outbox/task-queue.ts';
import type { Database } from '../connection/database.ts';
import { runSql } from '../connection/run-sql.ts';

/** Encrypts what rests; see adapters/crypto/envelope.ts. */
export interface PayloadSealer {
  seal(plaintext: Buffer, context: string): string;
  open(text: string, context: string): Buffer;
}

interface TakenRow {
  id: string;
  kind: string;
  payload_encrypted: string | null;
  created_at: Date;
  expires_at: Date | null;
  attempts: number;
}

export interface OutboxDeps {
  sealer: PayloadSealer;
  clock: Clock;
  ids: Ids;
  /** Called when something was added, inside the transaction that is open. */
  onAdded: () => void;
}

interface Owed {
  kind: string;
  payload: unknown;
  accountId?: string | undefined;
  expiresAt?: Date | undefined;
}

/** The outbox as a table. What is sealed in a row can be opened in that row only. */
export function makeOutbox(
  database: Database,
  deps: OutboxDeps,
): OutboxStore & MailQueue & TaskQueue & LogoutQueue {
  const { sealer, clock, ids } = deps;
  const finish = (id: string, state: string, error: string | null, isKept: boolean) =>
    runSql<{ account_id: string | null }>(
      database,
      `update outbox_message set state = ?, finished_at = ?, held_until = null, last_error = ?,
         payload_encrypted = case when ? then payload_encrypted end
       where id = ? and state = 'waiting' returning account_id`,
      [state, clock.now(), error, isKept, id],
    );

  const add = async (owed: Owed): Promise<void> => {
    const id = ids.id();
    const now = clock.now();
    const payload = sealer.seal(Buffer.from(JSON.stringify(owed.payload), 'utf8'), contextOf(id));
    await runSql(
      database,
      `insert into outbox_message (id, kind, account_id, payload_encrypted, state, created_at, due_at, expires_at)
       values (?, ?, ?, ?, 'waiting', ?, ?, ?)`,
      [id, owed.kind, owed.accountId ?? null, payload, now, now, owed.expiresAt ?? null],
    );
    deps.onAdded();
  };

  return {
    enqueue: (mail) => add({ ...mail, kind: mail.message.kind, payload: mail }),
    enqueueTask: add,

    async enqueueLogouts(logouts) {
      for (const { expiresAt, ...logout } of logouts)
        await add({ kind: 'backchannel_logout', payload: logout, accountId: logout.accountId, expiresAt });
    },

    async take(most, holdSeconds, kinds) {
      const now = clock.now();
      const rows = await runSql<TakenRow>(
        database,
        `update outbox_message set attempts = attempts + 1, held_until = ?
         where id in (
           select id from outbox_message
           where state = 'waiting' and (?::text[] is null or kind = any (?)) and due_at <= ? and (held_until is null or held_until <= ?)
           order by due_at limit ? for update skip locked
         )
         returning id, kind, payload_encrypted, created_at, expires_at, attempts`,
        [new Date(now.getTime() + holdSeconds * 1000), kinds ?? null, kinds ?? null, now, now, most],
      );
      return rows
        .sort((a, b) => a.created_at.getTime() - b.created_at.getTime())
        .map(
          ({
            id,
            kind,
            payload_encrypted: sealed,
            created_at: createdAt,
            expires_at: expiresAt,
            attempts,
          }) => ({
            id,
            kind,
            payload: sealed === null ? undefined : open(sealer, sealed, id),
            createdAt,
            expiresAt,
            attempt: attempts,
          }),
        );
    },

    async deliver(id) {
      await finish(id, 'delivered', null, false);
    },

    async postpone(id, dueAt, error) {
      await runSql(
        database,
        `update outbox_message set due_at = ?, held_until = null, last_error = ? where id = ? and state = 'waiting'`,
        [dueAt, error, id],
      );
    },

    async giveUp(id, state, error) {
      const [given] = await finish(id, state, error, state === 'dead');
      return given && { accountId: given.account_id };
    },
  };
}

const contextOf = (id: string): string => `outbox_message/${id}`;

function open(sealer: PayloadSealer, sealed: string, id: string): unknown {
  try {
    return JSON.parse(sealer.open(sealed, contextOf(id)).toString('utf8'));
  } catch {
    return undefined;
  }
}
