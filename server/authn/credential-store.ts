import type { StoredPassword } from './password-hasher.ts';

export interface LoginCandidate {
  accountId: string;
  status: 'active' | 'disabled';
  password: StoredPassword | undefined;
  /** The right password does not let them in: a new one is to be set by mail first. */
  mustReset: boolean;
  /** Until when the password can be used, and only to choose another one; null for one that its owner has chosen. */
  temporaryUntil: Date | null;
  /** When all sessions of the account had been ended last, as the same statement saw it; null if they never were. */
  sessionsEndedAt: string | null;
}

export interface CredentialStore {
  /** The password of an account, for checks inside a session. */
  findPassword(accountId: string): Promise<StoredPassword | undefined>;
  /**
   * Insert or replace; it then need not be reset. What was counted against the account by then is gone: it was tried on another
   * password.
   */
  savePassword(accountId: string, password: StoredPassword, temporaryUntil?: Date): Promise<void>;
  /**
   * The same for somebody who has proven the present one, when all sessions of the account had been ended last at `provenAfter`.
   * False, and nothing is saved, when the account is disabled or gone, or its sessions have been ended since. MUST be one
   * statement that waits for whoever is ending them at this moment.
   */
  changePassword(accountId: string, password: StoredPassword, provenAfter: string | null): Promise<boolean>;
  /** The present password lets nobody in until it is replaced; false when there is none. */
  demandReset(accountId: string): Promise<boolean>;
  /** Replaces the hash only if it still is `old`, so that an upgrade never undoes a change made meanwhile. */
  upgradePassword(accountId: string, old: StoredPassword, fresh: StoredPassword): Promise<boolean>;
}
