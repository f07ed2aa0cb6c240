import type { Role } from './role.ts';

export type RoleWriteOutcome =
  | { kind: 'written' }
  /** What is contained is not there; or contains, however deep, the role itself. */
  | { kind: 'role_not_found' | 'role_cycle' };

/** Who has a role. */
export interface RoleHolders {
  users: number;
  clients: number;
  /** Names of the roles that contain it themselves. */
  roles: string[];
}

/** Roles with what they allow and contain. All writes MUST be part of the transaction that is open. */
export interface RoleStore {
  /** All of them by name, in one statement: there are few. */
  list(): Promise<Role[]>;
  find(name: string): Promise<Role | undefined>;
  /**
   * MUST decide in the database that the name is free and, as update, that no role comes to contain itself, also when two
   * processes write at the same moment what is a circle only together. Anything but `written` leaves nothing behind.
   */
  insert(role: Role): Promise<RoleWriteOutcome | { kind: 'role_name_taken' }>;
  /** Writes description, permissions and contained roles, if the stored version is `expectedVersion` and it is not built in. */
  update(
    role: Role,
    expectedVersion: number,
  ): Promise<RoleWriteOutcome | { kind: 'stale' | 'missing' | 'built_in' }>;
  /** The same as find, and MUST let nobody give it to anybody, or change it, until the transaction ends. */
  findForDeletion(name: string): Promise<Role | undefined>;
  /** Who has it now, whoever it is; those whose time is over do not count. */
  countHolders(name: string): Promise<RoleHolders>;
  /**
   * Takes the role from all who have it and deletes it, unless it is built in. Accounts and clients from which it is taken
   * become another version. False when it was not there.
   */
  delete(name: string): Promise<boolean>;
}
