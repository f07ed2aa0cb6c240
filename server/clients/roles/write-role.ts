import { isDeepStrictEqual } from 'node:util';
import type { Actor, AuditLog } from '../../audit/event.ts';
import type { Clock } from '../../clock.ts';
import type { FieldFault } from '../../errors.ts';
import type { InTransaction } from '../../transaction.ts';
import type { ScopeRestrictions } from '../resource-server-store.ts';
import type { Role } from './role.ts';
import {
  auditedRole,
  circle,
  faultInRoleName,
  goneRole,
  normalized,
  type RoleInput,
  unknownPermissions,
} from './role-input.ts';
import type { RoleStore } from './role-store.ts';

export interface WriteRoleDeps {
  roles: RoleStore & { findUnknown(names: readonly string[]): Promise<string[]> };
  /** What has to be done before roles confer scopes, in the same transaction. */
  conferScopes: ScopeRestrictions['restrict'];
  /** Names of the built-in roles, which nobody changes, and which are given to people and clients alone. */
  builtInRoles: readonly string[];
  audit: AuditLog;
  inTransaction: InTransaction;
  clock: Clock;
}

export type CreateRoleOutcome =
  | { kind: 'created'; role: Role }
  | { kind: 'refused'; fields: FieldFault[] }
  | { kind: 'role_name_taken' };

/** Makes a role. Scopes that no role conferred before are restricted from then on. */
export const makeCreateRole =
  (deps: WriteRoleDeps) =>
  async ({ name, by, ...given }: RoleInput & { name: string; by: Actor }): Promise<CreateRoleOutcome> => {
    const input = normalized(given);
    const fault = faultInRoleName(name, deps.builtInRoles);
    const fields = [
      ...(fault === undefined ? [] : [{ field: 'name', message: fault }]),
      ...(await faultsInRoles(deps, input)),
    ];
    if (fields.length > 0) return { kind: 'refused', fields };
    return deps.inTransaction(async () => {
      const conferred = await deps.conferScopes(input.permissions);
      if (conferred.kind === 'missing')
        return { kind: 'refused', fields: unknownPermissions(conferred.missing) };
      const now = deps.clock.now();
      const role: Role = { name, ...input, builtIn: false, createdAt: now, updatedAt: now, version: 1 };
      const { kind } = await deps.roles.insert(role);
      if (kind === 'role_name_taken') return { kind };
      if (kind !== 'written') return { kind: 'refused', fields: [kind === 'role_cycle' ? circle : goneRole] };
      const change = { after: auditedRole(role) };
      await deps.audit.append({ type: 'role.created', role: name, restricted: conferred.newly, change }, by);
      return { kind: 'created', role };
    });
  };

export type CreateRole = ReturnType<typeof makeCreateRole>;

export interface UpdateRoleInput extends RoleInput {
  name: string;
  expectedVersion: number;
  by: Actor;
}

export type UpdateRoleOutcome =
  | { kind: 'updated'; role: Role }
  | { kind: 'refused'; fields: FieldFault[] }
  | { kind: 'stale' | 'missing' | 'built_in' };

/** Replaces what a role is. What it allows no more is gone from the next token of whoever has it, and ends wider ones. */
export const makeUpdateRole =
  (deps: WriteRoleDeps) =>
  async ({ name, expectedVersion, by, ...given }: UpdateRoleInput): Promise<UpdateRoleOutcome> => {
    const input = normalized(given);
    const fields = await faultsInRoles(deps, input);
    if (fields.length > 0) return { kind: 'refused', fields };
    return deps.inTransaction(async () => {
      const before = await deps.roles.find(name);
      if (before === undefined) return { kind: 'missing' };
      if (before.builtIn) return { kind: 'built_in' };
      if (before.version !== expectedVersion) return { kind: 'stale' };
      if (isDeepStrictEqual(auditedRole(before), auditedRole(input)))
        return { kind: 'updated', role: before };
      const conferred = await deps.conferScopes(input.permissions);
      if (conferred.kind === 'missing')
        return { kind: 'refused', fields: unknownPermissions(conferred.missing) };
      const role = { ...before, ...input, updatedAt: deps.clock.now(), version: before.version + 1 };
      const { kind } = await deps.roles.update(role, before.version);
      if (kind === 'role_cycle') return { kind: 'refused', fields: [circle] };
      if (kind === 'role_not_found') return { kind: 'refused', fields: [goneRole] };
      if (kind !== 'written') return { kind };
      const change = { before: auditedRole(before), after: auditedRole(role) };
      await deps.audit.append({ type: 'role.updated', role: name, restricted: conferred.newly, change }, by);
      return { kind: 'updated', role };
    });
  };

export type UpdateRole = ReturnType<typeof makeUpdateRole>;

async function faultsInRoles(
  { roles, builtInRoles }: WriteRoleDeps,
  input: RoleInput,
): Promise<FieldFault[]> {
  const unknown = await roles.findUnknown(input.roles);
  const own = input.roles.filter((name) => builtInRoles.includes(name));
  return [
    ...(unknown.length === 0
      ? []
      : [
          {
            field: 'roles',
            message: `No such role: ${unknown.map((name) => JSON.stringify(name)).join(', ')}.`,
          },
        ]),
    ...own.map((name) => ({
      field: 'roles',
      message: `No role contains the built-in ${name}: give it to people and clients by its name, so that everybody sees who has it.`,
    })),
  ];
}
