import type { StoredPassword } from './password-hasher.ts';

export interface LoginCandidate {
  accountId: string;
  status: 'active' | 'disabled';
  password: StoredPassword | undefined;
  /** The right password does not let them in: a new one is to be set by mail first. */
  mustReset: boolean;
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
  savePassword(accountId: string, password: StoredPassword): Promise<void>;
  /** Replaces the hash only if it still is `old`, so that an upgrade never undoes a change made meanwhile. */
  upgradePassword(accountId: string, old: StoredPassword, fresh: StoredPassword): Promise<boolean>;
}
