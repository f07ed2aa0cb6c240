import type { Actor } from '../../audit/event.ts';
import { auditedRole } from './role-input.ts';
import type { RoleHolders } from './role-store.ts';
import type { WriteRoleDeps } from './write-role.ts';

export interface DeleteRoleInput {
  name: string;
  /** Deletes whatever the version is, when left out. */
  expectedVersion?: number | undefined;
  /** Takes it from all who have it; otherwise nobody may. */
  takeAway: boolean;
  by: Actor;
}

export type DeleteRoleOutcome =
  /** From whom it was taken. */
  | { kind: 'deleted'; takenFrom: RoleHolders }
  | { kind: 'held'; by: RoleHolders }
  | { kind: 'missing' | 'stale' | 'built_in' };

/** Deletes a role: one that nobody has, or, if the operator says so, with everybody's hold on it. */
export const makeDeleteRole =
  (deps: Pick<WriteRoleDeps, 'roles' | 'audit' | 'inTransaction'>) =>
  ({ name, expectedVersion, takeAway, by }: DeleteRoleInput): Promise<DeleteRoleOutcome> =>
    deps.inTransaction(async () => {
      const role = await deps.roles.findForDeletion(name);
      if (role === undefined) return { kind: 'missing' };
      if (role.builtIn) return { kind: 'built_in' };
      if (expectedVersion !== undefined && expectedVersion !== role.version) return { kind: 'stale' };
      const holders = await deps.roles.countHolders(name);
      const isHeld = holders.users + holders.clients + holders.roles.length > 0;
      if (isHeld && !takeAway) return { kind: 'held', by: holders };
      await deps.roles.delete(name);
      const change = { before: auditedRole(role) };
      await deps.audit.append({ type: 'role.deleted', role: name, takenFrom: holders, change }, by);
      return { kind: 'deleted', takenFrom: holders };
    });

export type DeleteRole = ReturnType<typeof makeDeleteRole>;
