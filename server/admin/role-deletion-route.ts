import { z } from 'zod';
import type { DeleteRole } from '../clients/roles/delete-role.ts';
import type { RoleHolders } from '../clients/roles/role-store.ts';
import { AppError } from '../errors.ts';
import { defineRoute, noBody } from '../http/api/route.ts';
import { oneRole } from './role-body.ts';
import { findChangeableRole, type RoleTargetDeps, refusalOfRole } from './role-target.ts';

export interface RoleDeletionRouteDeps extends RoleTargetDeps {
  deleteRole: DeleteRole;
}

const holders = z.strictObject({
  users: z.int(),
  clients: z.int(),
  roles: z.array(z.string()).meta({ description: 'Roles that contained it.' }),
});

/** The end of a role: refused while somebody has it, unless the operator takes it from all. */
export const makeRoleDeletionRoute = (deps: RoleDeletionRouteDeps) =>
  defineRoute({
    method: 'DELETE',
    path: '/roles/{name}',
    operationId: 'deleteRole',
    scope: 'roles:write',
    summary: 'Delete a role that nobody has, or take it from all and delete it',
    params: oneRole,
    missing: 'role_not_found',
    query: z.strictObject({
      take_away: z
        .enum(['true', 'false'])
        .optional()
        .meta({ description: 'true: take it from whoever has it.' }),
    }),
    body: noBody,
    success: {
      status: 200,
      description: 'It is gone; from whom it was taken',
      schema: z.strictObject({ taken_from: holders }),
    },
    errors: ['role_not_found', 'built_in', 'role_held', 'precondition_failed'],
    async handle({ params, query, ifMatch, caller, by }) {
      const role = await findChangeableRole(deps, params.name, ifMatch, caller);
      const outcome = await deps.deleteRole({
        name: role.name,
        expectedVersion: role.version,
        takeAway: query.take_away === 'true',
        by,
      });
      if (outcome.kind === 'held') throw new AppError('role_held', { message: heldBy(outcome.by) });
      if (outcome.kind !== 'deleted') throw refusalOfRole(outcome);
      return { status: 200, body: { taken_from: outcome.takenFrom } };
    },
  });

const heldBy = ({ users, clients, roles }: RoleHolders): string =>
  `It is held by ${users} users and ${clients} clients, and contained in ${roles.length} roles. Nothing was changed; repeat it with take_away=true to take it from all.`;
