import type { StoredPassword } from './password-hasher.ts';

export interface LoginCandidate {
  accountId: string;
  status: 'active' | 'disabled';
  password: StoredPassword | undefined;
  /** When this was read, by the clock of the database: what was ended later counts against it. */
  readAt: string;
}

export interface CredentialStore {
  /** By folded login name, in one statement. */
  findCandidate(foldedLoginName: string): Promise<LoginCandidate | undefined>;
  /** The password of an account, for checks inside a session. */
  findPassword(accountId: string): Promise<StoredPassword | undefined>;
  /** Insert or replace. */
  savePassword(accountId: string, password: StoredPassword): Promise<void>;
  /** Replaces the hash only if it still is `old`, so that an upgrade never undoes a change made meanwhile. */
  upgradePassword(accountId: string, old: StoredPassword, fresh: StoredPassword): Promise<boolean>;
}
