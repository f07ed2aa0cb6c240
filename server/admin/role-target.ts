import type { Role } from '../clients/roles/role.ts';
import type { RoleStore } from '../clients/roles/role-store.ts';
import type { CreateRoleOutcome } from '../clients/roles/write-role.ts';
import { AppError } from '../errors.ts';
import type { Caller } from '../http/api/caller.ts';
import type { Precondition } from '../http/api/etag.ts';
import type { Rank } from './rank.ts';

export interface RoleTargetDeps {
  roles: Pick<RoleStore, 'find'>;
  rank: Rank;
}

/** @throws AppError role_not_found */
export async function findRole({ roles }: Pick<RoleTargetDeps, 'roles'>, name: string): Promise<Role> {
  const role = await roles.find(name);
  if (role === undefined) throw new AppError('role_not_found');
  return role;
}

/** The role that is to be changed: one that may be, by this caller, in a version that the caller knows. */
export async function findChangeableRole(
  deps: RoleTargetDeps,
  name: string,
  ifMatch: Precondition,
  caller: Caller,
): Promise<Role> {
  const role = await findRole(deps, name);
  if (role.builtIn) throw new AppError('built_in');
  await deps.rank.overRoles(caller, [name]);
  ifMatch.check(role.version);
  return role;
}

type Refusal = Exclude<CreateRoleOutcome, { kind: 'created' }> | { kind: 'missing' | 'stale' | 'built_in' };

/** In the words of the API. */
export function refusalOfRole(outcome: Refusal): AppError {
  switch (outcome.kind) {
    case 'refused':
      return new AppError('invalid_input', { fields: outcome.fields });
    case 'missing':
      return new AppError('role_not_found');
    case 'stale':
      return new AppError('precondition_failed');
    case 'role_name_taken':
    case 'built_in':
      return new AppError(outcome.kind);
    default:
      return outcome satisfies never;
  }
}
