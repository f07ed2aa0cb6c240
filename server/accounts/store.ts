import type { Account } from './account.ts';

export interface AccountPage {
  items: Account[];
  /** Id of the last item when more follow. */
  next: string | null;
}

export interface AccountQuery {
  limit: number;
  /** Only accounts after this id, in the order (createdAt, id). */
  after?: string | undefined;
  /** Start of the folded e-mail address, user name; or of the folded name. */
  search?: string | undefined;
  email?: string | undefined;
  username?: string | undefined;
  status?: Account['status'] | undefined;
}

export type AccountWriteOutcome = { kind: 'written' } | { kind: 'login_name_taken' };

/** Accounts without their secrets. */
export interface AccountStore {
  find(id: string): Promise<Account | undefined>;
  /** Looks up a folded login name: an e-mail address or a user name. */
  findByLoginName(folded: string): Promise<Account | undefined>;
  list(query: AccountQuery): Promise<AccountPage>;
  /** MUST decide uniqueness of the folded login names in the database, not by reading first. */
  insert(account: Account): Promise<AccountWriteOutcome>;
  /** Writes all fields if the stored version is `expectedVersion`; `stale` tells that it was not, `missing` that it is gone. */
  update(account: Account, expectedVersion: number): Promise<AccountWriteOutcome | { kind: 'stale' | 'missing' }>;
  /** False when there was none (or not in that version). Credentials, roles and everything else of the person go with it. */
  delete(id: string, expectedVersion?: number): Promise<boolean>;
  /** Whether any active account has this role. */
  anyWithRole(role: string): Promise<boolean>;
}
