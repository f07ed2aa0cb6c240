export interface Role {
  name: string;
  description: string;
  /** Made by the server for itself: cannot be changed or deleted. */
  builtIn: boolean;
  createdAt: Date;
}

export interface RoleStore {
  /** All roles by name. */
  list(): Promise<Role[]>;
  /** Those of the names that are no role, in one statement. */
  findUnknown(names: readonly string[]): Promise<string[]>;
}

/** The built-in role whose holders may do everything; without an active holder the first-administrator link is offered. */
export const adminRole = 'admin';
