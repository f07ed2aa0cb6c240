/** What several processes keep in memory and one of them, or a command, may change; and the outbox, which is only looked after. */
export const changeTopics = [
  'client',
  'role',
  'resource_server',
  'foreign_password',
  'outbox',
  'user_attribute',
  'setting',
] as const;

export type ChangeTopic = (typeof changeTopics)[number];

/** Tells this process what it must no longer believe. */
export interface ChangeFeed {
  /** Calls `forget` at every change of the topic, whoever made it; it may also be called for nothing. */
  watch(topic: ChangeTopic, forget: () => void): void;
  /**
   * The moment, in milliseconds of performance.now(), up to which nothing was missed: MUST be so early that `forget` has been
   * called for every change whose commit was acknowledged before it.
   */
  knownUntil(): number;
}

/**
 * The marks of the database, one for each topic: whoever commits a change of the topic leaves another mark in the same
 * transaction, so that no change can be made without it.
 */
export interface ChangeMarks {
  /** MUST show every change that was acknowledged before the call, and MUST reject when there is no answer in time. */
  read(): Promise<ReadonlyMap<string, string>>;
  /** Calls `look` when it is worth while to read at once. Nothing is promised: a word may be lost, or be for nothing. */
  onWord(look: () => void): void;
  close(): Promise<void>;
}

/** A way on which the word that something has changed reaches other processes sooner than they would look. */
export interface ChangeWords {
  /** Returns at once and never fails; the word may be lost. */
  send(): void;
  /** Calls `look` when a word has come, and when some may have been lost. */
  onWord(look: () => void): void;
  close(): Promise<void>;
}
