import type { HeldRole } from './role.ts';

/** A role that somebody has, and since when. */
export interface Assignment extends HeldRole {
  grantedAt: Date;
}

export interface HolderQuery {
  /** Whoever has one of these. */
  roles: readonly string[];
  limit: number;
  /** `next` of the page before. Any other text is refused as invalid_cursor. */
  after?: string | undefined;
}

export interface Holder {
  /** Of the account or the client. */
  id: string;
  /** Which of the roles; somebody who has several is there several times. */
  role: string;
  grantedAt: Date;
  expiresAt: Date | null;
}

export interface HolderPage {
  items: Holder[];
  next: string | null;
}

export type AssignOutcome = { kind: 'written' | 'stale' | 'missing' | 'role_not_found' };

/** Which roles people and clients have. What has ended is nowhere to be seen. */
export interface RoleAssignments {
  /** By name. */
  ofAccount(accountId: string): Promise<Assignment[]>;
  ofClient(clientId: string): Promise<Assignment[]>;
  /**
   * Gives an account these roles and no other, each once, if the stored version is `expectedVersion`, which becomes the next
   * number. MUST be one statement. Anything but `written` leaves nothing behind and leaves an open transaction usable.
   */
  replaceOfAccount(
    accountId: string,
    expectedVersion: number,
    roles: readonly HeldRole[],
    now: Date,
  ): Promise<AssignOutcome>;
  /** The same for a client, whoever keeps it in memory. */
  replaceOfClient(
    clientId: string,
    expectedVersion: number,
    roles: readonly HeldRole[],
    now: Date,
  ): Promise<AssignOutcome>;
  /** In the order of ids. */
  listAccounts(query: HolderQuery): Promise<HolderPage>;
  listClients(query: HolderQuery): Promise<HolderPage>;
  /** Removes what has ended, at most so many of each kind. Returns how many. */
  forgetEnded(most: number): Promise<number>;
}
