/** Something owed, taken out for one delivery. */
export interface TakenMessage {
  id: string;
  kind: string;
  /** What was enqueued; undefined when it cannot be opened any more (its key is gone). */
  payload: unknown;
  createdAt: Date;
  expiresAt: Date | null;
  /** How many times it has been taken, this one included. */
  attempt: number;
}

/** What is owed to somebody outside, until it is delivered. */
export interface OutboxStore {
  /**
   * Takes what is due, oldest first, for `holdSeconds`: MUST be one statement, so that no two processes hold one message at
   * the same time. One whose holder dies becomes due again when that time has passed. With `kinds`, what is of others waits
   * untouched.
   */
  take(most: number, holdSeconds: number, kinds?: readonly string[]): Promise<TakenMessage[]>;
  /** It has arrived. Its payload is forgotten. */
  deliver(id: string): Promise<void>;
  /** It could not be delivered and is due again then. `error` holds no secret. */
  postpone(id: string, dueAt: Date, error: string): Promise<void>;
  /**
   * It is given up: `dead` waits for an operator, `expired` is of no use any more and loses its payload.
   *
   * @returns whom it concerned; undefined when it was finished already
   */
  giveUp(
    id: string,
    state: 'dead' | 'expired',
    error: string,
  ): Promise<{ accountId: string | null } | undefined>;
}

export type MessageState = 'waiting' | 'delivered' | 'dead' | 'expired' | 'discarded';

/** What operators see of a message: never what is in it. */
export interface OutboxEntry {
  id: string;
  kind: string;
  accountId: string | null;
  state: MessageState;
  createdAt: Date;
  /** When it is tried next, while it waits. */
  dueAt: Date;
  expiresAt: Date | null;
  attempts: number;
  finishedAt: Date | null;
  lastError: string | null;
}

export interface OutboxQuery {
  limit: number;
  /** `next` of the page before. */
  after?: string | undefined;
  state?: MessageState | undefined;
  kind?: string | undefined;
  accountId?: string | undefined;
}

/** The outbox as operators work with it. */
export interface OutboxOffice {
  /** Oldest first. */
  list(query: OutboxQuery): Promise<{ items: OutboxEntry[]; next: string | null }>;
  find(id: string): Promise<OutboxEntry | undefined>;
  /** A dead one waits again and is due now, with all attempts before it. One statement; false for any other. */
  retry(id: string): Promise<boolean>;
  /** One that waits, and is not on its way at this moment, or a dead one is thrown away with its payload. False for any other. */
  discard(id: string): Promise<boolean>;
  /** How many wait, and since when the oldest of them is due; null when none is. */
  depth(): Promise<{ waiting: number; dead: number; oldestDue: Date | null }>;
}
