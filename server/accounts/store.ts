import type { ListOrder } from '../list-order.ts';
import type { Account } from './account.ts';

export interface AccountPage {
  items: Account[];
  /** Where the next page begins, to be given back as `after`; null when nothing follows. Opaque. */
  next: string | null;
}

/** `email` and `username`: only those who have one. */
export type AccountOrder = 'created_at' | 'email' | 'username' | 'sub';

export interface AccountQuery {
  limit: number;
  /** `next` of the page before, of the same query. Any other text is refused as invalid_cursor. */
  after?: string | undefined;
  /** (createdAt, id) ascending when left out. */
  order?: ListOrder<AccountOrder> | undefined;
  /** How the folded e-mail address begins; with the order `email` only. */
  emailPrefix?: string | undefined;
  /** How the folded user name begins; with the order `username` only. */
  usernamePrefix?: string | undefined;
  /** Given and not over; with the order `sub` only. */
  role?: string | undefined;
  createdFrom?: Date | undefined;
  /** That moment is not among it. */
  createdBefore?: Date | undefined;
  /** Start of the folded e-mail address, user name; or of the folded name. */
  search?: string | undefined;
  email?: string | undefined;
  username?: string | undefined;
  status?: Account['status'] | undefined;
}

export type AccountWriteOutcome = { kind: 'written' | 'login_name_taken' | 'role_not_found' };

/** Accounts without their secrets. */
export interface AccountStore {
  find(id: string): Promise<Account | undefined>;
  /** Looks up a folded login name: an e-mail address or a user name. */
  findByLoginName(folded: string): Promise<Account | undefined>;
  list(query: AccountQuery): Promise<AccountPage>;
  /**
   * MUST decide uniqueness of the folded login names, and of what user names look like (`skeletonOf`), in the database, not by
   * reading first. Anything but `written`
   * leaves nothing behind and leaves an open transaction usable.
   */
  insert(account: Account): Promise<AccountWriteOutcome>;
  /**
   * Writes all fields but createdAt if the stored version is `expectedVersion`, which becomes the next number; `stale`
   * tells that it was not, `missing` that it is gone. Otherwise as insert.
   */
  update(
    account: Account,
    expectedVersion: number,
  ): Promise<AccountWriteOutcome | { kind: 'stale' | 'missing' }>;
  /** False when there was none (or not in that version). Login names, credentials and roles go with it. */
  delete(id: string, expectedVersion?: number): Promise<boolean>;
  /** Whether any active account has this role. */
  anyWithRole(role: string): Promise<boolean>;
}
