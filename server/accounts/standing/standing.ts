/** What is to be known of an account beside who its person is. */
export interface Standing {
  disabledAt: Date | null;
  /** In the words of the operator who has disabled it. */
  disabledReason: string | null;
  /** To the minute; null when nobody has signed in yet, or only before it was noted. */
  lastSignInAt: Date | null;
  /** When it is deleted for good; null when it is not to be. */
  deletionDueAt: Date | null;
  hasPicture: boolean;
  /** The versions of the terms that its person has accepted, the latest first. */
  terms: { version: string; acceptedAt: Date }[];
}

/** The password of an account, without anything by which it could be found. */
export interface PasswordFactor {
  /** Null for one that is older than this note. */
  createdAt: Date | null;
  changedAt: Date;
  /** To the minute. */
  lastUsedAt: Date | null;
  /** Until when it works, and only to choose another one; null for one that its owner has chosen. */
  temporaryUntil: Date | null;
  /** It lets nobody in until it was reset by mail. */
  mustReset: boolean;
}

export interface StandingStore {
  /** Undefined when there is no such account. */
  find(accountId: string): Promise<Standing | undefined>;
  /** Notes why an account is disabled; an account that is active keeps none. */
  explain(accountId: string, at: Date, reason: string | null): Promise<void>;
  findPassword(accountId: string): Promise<PasswordFactor | undefined>;
  /** False when there was none. */
  removePassword(accountId: string): Promise<boolean>;
}
