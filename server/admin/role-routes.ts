import { z } from 'zod';
import type { RoleGraph } from '../clients/roles/graph.ts';
import type { Role } from '../clients/roles/role.ts';
import type { RoleInput } from '../clients/roles/role-input.ts';
import type { RoleStore } from '../clients/roles/role-store.ts';
import type { CreateRole, UpdateRole } from '../clients/roles/write-role.ts';
import type { Caller } from '../http/api/caller.ts';
import type { Cursors } from '../http/api/cursor.ts';
import type { Precondition } from '../http/api/etag.ts';
import { pageOf, pageQuery, readPage } from '../http/api/list-query.ts';
import { type Answer, defineRoute, noBody, noParameters, type Route } from '../http/api/route.ts';
import { anyObject } from './client-body.ts';
import {
  changedRoleBody,
  oneRole,
  parseRolePatch,
  patchedRoleBody,
  requireSameName,
  roleBody,
  roleView,
  showRole,
} from './role-body.ts';
import { makeRoleDeletionRoute, type RoleDeletionRouteDeps } from './role-deletion-route.ts';
import { findChangeableRole, findRole, refusalOfRole } from './role-target.ts';

export interface RoleRouteDeps extends RoleDeletionRouteDeps {
  roles: Pick<RoleStore, 'list' | 'find'>;
  createRole: CreateRole;
  updateRole: UpdateRole;
  roleGraph: { current(): Promise<RoleGraph> };
  cursors: Cursors;
  /** The absolute URL of the API's root, without a slash at its end. */
  root: string;
}

/** `roles` of the admin API: sets of permissions of resource servers. */
export function makeRoleRoutes(deps: RoleRouteDeps): Route[] {
  return [
    listRoles(deps),
    createRole(deps),
    readRole(deps),
    replaceRole(deps),
    patchRole(deps),
    makeRoleDeletionRoute(deps),
  ];
}

const listRoles = (deps: RoleRouteDeps) =>
  defineRoute({
    method: 'GET',
    path: '/roles',
    operationId: 'listRoles',
    scope: 'roles:read',
    summary: 'All roles, by name',
    params: noParameters,
    query: z.strictObject(pageQuery),
    body: noBody,
    success: { status: 200, description: 'A page of roles', schema: pageOf(roleView) },
    errors: ['invalid_cursor'],
    async handle({ query: { limit, after } }) {
      const show = await makeShow(deps);
      const page = async (place: string | undefined) => {
        const rest = (await deps.roles.list()).filter(({ name }) => place === undefined || name > place);
        const items = rest.slice(0, limit);
        return { items, next: rest.length > limit ? (items.at(-1)?.name ?? null) : null };
      };
      return { status: 200, body: await readPage(deps.cursors, 'roles', after, page, show) };
    },
  });

const createRole = (deps: RoleRouteDeps) =>
  defineRoute({
    method: 'POST',
    path: '/roles',
    operationId: 'createRole',
    scope: 'roles:write',
    summary: 'Make a role; its scopes are restricted to holders of roles from then on',
    params: noParameters,
    query: noParameters,
    body: { schema: roleBody, mediaTypes: ['application/json'] },
    success: { status: 201, description: 'The whole role', schema: roleView },
    errors: ['role_name_taken', 'permission_not_held'],
    async handle({ body: { name, ...input }, caller, by }): Promise<Answer> {
      await deps.rank.toConfer(caller, input, nothing);
      const outcome = await deps.createRole({ name, ...input, by });
      if (outcome.kind !== 'created') throw refusalOfRole(outcome);
      return {
        ...answerWith(outcome.role),
        status: 201,
        location: `${deps.root}/roles/${encodeURIComponent(name)}`,
      };
    },
  });

const readRole = (deps: RoleRouteDeps) =>
  defineRoute({
    method: 'GET',
    path: '/roles/{name}',
    operationId: 'readRole',
    scope: 'roles:read',
    summary: 'One role',
    params: oneRole,
    missing: 'role_not_found',
    query: noParameters,
    body: noBody,
    success: { status: 200, description: 'The role', schema: roleView },
    errors: ['role_not_found'],
    async handle({ params }) {
      const role = await findRole(deps, params.name);
      return { ...answerWith(role), body: (await makeShow(deps))(role) };
    },
  });

const changeErrors = ['role_not_found', 'built_in', 'permission_not_held', 'precondition_failed'] as const;

const replaceRole = (deps: RoleRouteDeps) =>
  defineRoute({
    method: 'PUT',
    path: '/roles/{name}',
    operationId: 'replaceRole',
    scope: 'roles:write',
    summary: 'Replace what a role is; what it allows no more ends wider tokens within a second',
    params: oneRole,
    missing: 'role_not_found',
    query: noParameters,
    body: { schema: changedRoleBody, mediaTypes: ['application/json'] },
    success: { status: 200, description: 'The whole role', schema: roleView },
    errors: changeErrors,
    handle: ({ params, body, ifMatch, caller, by }) =>
      change(deps, params.name, ifMatch, caller, (role) => requireSameName(role, body), by),
  });

const patchRole = (deps: RoleRouteDeps) =>
  defineRoute({
    method: 'PATCH',
    path: '/roles/{name}',
    operationId: 'patchRole',
    scope: 'roles:write',
    summary: 'Change some of what a role is (JSON merge patch, RFC 7396)',
    params: oneRole,
    missing: 'role_not_found',
    query: noParameters,
    body: {
      schema: anyObject,
      documented: patchedRoleBody,
      mediaTypes: ['application/merge-patch+json', 'application/json'],
    },
    success: { status: 200, description: 'The whole role', schema: roleView },
    errors: changeErrors,
    handle: ({ params, body, ifMatch, caller, by }) =>
      change(deps, params.name, ifMatch, caller, (role) => parseRolePatch(role, body), by),
  });

const nothing: Pick<RoleInput, 'permissions' | 'roles'> = { permissions: [], roles: [] };

async function change(
  deps: RoleRouteDeps,
  name: string,
  ifMatch: Precondition,
  caller: Caller,
  toInput: (role: Role) => RoleInput,
  by: Parameters<UpdateRole>[0]['by'],
): Promise<Answer> {
  const role = await findChangeableRole(deps, name, ifMatch, caller);
  const input = toInput(role);
  await deps.rank.toConfer(caller, input, role);
  const outcome = await deps.updateRole({ name, ...input, expectedVersion: role.version, by });
  if (outcome.kind !== 'updated') throw refusalOfRole(outcome);
  return answerWith(outcome.role);
}

const answerWith = (role: Role) => ({ status: 200 as const, body: showRole(role), version: role.version });

/** What the server says of its own roles is not stored with them. */
async function makeShow({ roleGraph }: RoleRouteDeps) {
  const graph = await roleGraph.current();
  return (role: Role) => {
    if (!role.builtIn) return showRole(role);
    const permissions = [...graph.permissionsOf([role.name])].flatMap(([resource, scopes]) =>
      [...scopes].map((scope) => ({ resource, scope })),
    );
    return showRole(role, permissions);
  };
}
