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
  /** It is given up: `dead` waits for an operator, `expired` is of no use any more and loses its payload. */
  giveUp(id: string, state: 'dead' | 'expired', error: string): Promise<void>;
}
