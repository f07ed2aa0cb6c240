/** Which roles there are, for those who give them to people. */
export interface RoleNames {
  /** All of them, ordered. */
  list(): Promise<{ name: string }[]>;
  /** Those of the names that are no role, in one statement. */
  findUnknown(names: readonly string[]): Promise<string[]>;
}

/** The built-in role whose holders may do everything; without an active holder the first-administrator link is offered. */
export const adminRole = 'admin';
