/** Deletions that wait for their time. */
export interface DeletionStore {
  /** Notes that the account, which MUST exist, is to be deleted then. */
  schedule(accountId: string, askedAt: Date, dueAt: Date): Promise<void>;
  /** When it will be deleted; undefined when it will not. */
  find(accountId: string): Promise<Date | undefined>;
  /** Takes the note away, whether or not it is due; false when there was none. MUST be one statement, so that one caller gets it. */
  take(accountId: string): Promise<boolean>;
  /** Accounts whose time has come, the longest due first. */
  listDue(now: Date, most: number): Promise<string[]>;
}

/** What is left of people in other places than their account. */
export interface PersonalTraces {
  /**
   * Removes what an account that is gone has left: links and mails of it or to its addresses, sign-ups with them, and the
   * personal part of what the audit log says of it. What clients are still to be told stays. MUST be part of the open transaction.
   */
  erase(accountId: string, addresses: readonly string[]): Promise<void>;
}

/** Tells whether somebody is the last one with a role, for good: whoever has it until some day only does not count. */
export interface LastOfRole {
  /**
   * MUST let callers in transactions that ask for the same role come one after the other, so that of two holders who leave at
   * the same moment the second one is the last.
   */
  isLastWithRole(accountId: string, role: string): Promise<boolean>;
}
