import type { RoleAssignments } from './assignments.ts';
import type { RoleStore } from './role-store.ts';

/** The store, calling `changed` for every write of roles, so that this process itself forgets what it knew of them at once. */
export function announcingRoles<Store extends RoleStore>(roles: Store, changed: () => void): Store {
  /** A write that failed may have been done all the same. */
  const told = async <T>(write: Promise<T>): Promise<T> => write.finally(changed);
  return {
    ...roles,
    insert: (role) => told(roles.insert(role)),
    update: (role, expectedVersion) => told(roles.update(role, expectedVersion)),
    delete: (name) => told(roles.delete(name)),
  };
}

/** The store, calling `changed` for every write by which a client that somebody may know has other roles. */
export function announcingAssignments(assignments: RoleAssignments, changed: () => void): RoleAssignments {
  return {
    ...assignments,
    replaceOfClient: (...given) => assignments.replaceOfClient(...given).finally(changed),
  };
}
