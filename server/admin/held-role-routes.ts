import { z } from 'zod';
import type { AccountStore } from '../accounts/store.ts';
import type { AssignRoles } from '../clients/roles/assign-roles.ts';
import type { RoleAssignments } from '../clients/roles/assignments.ts';
import type { RoleGraph } from '../clients/roles/graph.ts';
import type { ClientStore } from '../clients/store.ts';
import type { Clock } from '../clock.ts';
import { AppError } from '../errors.ts';
import { defineRoute, noBody, noParameters, type Route } from '../http/api/route.ts';
import {
  changeHeldRoles,
  type HeldRolesDeps,
  heldRoleBody,
  heldRolesBody,
  heldRolesView,
  showHeldRoles,
  toHeldRoles,
} from './held-roles.ts';
import type { Rank } from './rank.ts';

export interface HeldRoleRouteDeps {
  accounts: Pick<AccountStore, 'find'>;
  clients: Pick<ClientStore, 'find'>;
  assignments: Pick<RoleAssignments, 'ofAccount' | 'ofClient'>;
  assignToUser: AssignRoles;
  assignToClient: AssignRoles;
  roleGraph: { current(): Promise<RoleGraph> };
  rank: Rank;
  clock: Clock;
}

/** `users/{id}/roles` of the admin API. */
export function makeUserRoleRoutes(deps: HeldRoleRouteDeps): Route[] {
  const { accounts, assignments, rank } = deps;
  const find = async (id: string) => {
    const account = await accounts.find(id);
    if (account === undefined) throw new AppError('user_not_found');
    return account;
  };
  const held = async (id: string, version: number) => ({
    version,
    held: await assignments.ofAccount(id),
  });
  return routesOf({
    ...deps,
    noun: 'user',
    operation: 'User',
    path: '/users/{id}/roles',
    assign: deps.assignToUser,
    gone: 'user_not_found',
    read: async (id) => held(id, (await find(id)).version),
    async readToChange(id, caller) {
      const account = await find(id);
      await rank.overUser(caller, account);
      return held(id, account.version);
    },
  });
}

/** `clients/{id}/roles` of the admin API. */
export function makeClientRoleRoutes(deps: HeldRoleRouteDeps): Route[] {
  const { clients, assignments, rank } = deps;
  const find = async (id: string) => {
    const client = await clients.find(id);
    if (client === undefined) throw new AppError('client_not_found');
    return client;
  };
  const held = async (id: string, version: number) => ({ version, held: await assignments.ofClient(id) });
  return routesOf({
    ...deps,
    noun: 'client',
    operation: 'Client',
    path: '/clients/{id}/roles',
    assign: deps.assignToClient,
    gone: 'client_not_found',
    read: async (id) => held(id, (await find(id)).version),
    async readToChange(id, caller) {
      const client = await find(id);
      if (client.builtIn) throw new AppError('built_in');
      await rank.overClient(caller, client);
      return held(id, client.version);
    },
  });
}

interface Collection extends HeldRolesDeps {
  noun: 'user' | 'client';
  operation: 'User' | 'Client';
  path: string;
}

const id = z.string().regex(/^[A-Za-z0-9._~-]{1,128}$/);
const one = z.strictObject({ id });
const oneOfThem = z.strictObject({ id, role: z.string().min(1).max(100) });

function routesOf(collection: Collection): Route[] {
  const { noun, operation, path, gone, clock } = collection;
  const refusals = [
    gone,
    'permission_not_held',
    'precondition_failed',
    noun === 'user' ? 'last_administrator' : 'built_in',
  ] as const;
  const common = { params: one, missing: gone, query: noParameters } as const;
  const success = { status: 200, description: 'All roles', schema: heldRolesView } as const;
  return [
    defineRoute({
      ...common,
      method: 'GET',
      path,
      operationId: `list${operation}Roles`,
      scope: 'roles:read',
      summary: `The roles of a ${noun}, those that they contain, and what they allow`,
      body: noBody,
      success,
      errors: [gone],
      handle: async ({ params }) => showHeldRoles(collection, await collection.read(params.id)),
    }),
    defineRoute({
      ...common,
      method: 'PUT',
      path,
      operationId: `set${operation}Roles`,
      scope: 'roles:write',
      summary: `Give a ${noun} these roles and no other`,
      body: { schema: heldRolesBody, mediaTypes: ['application/json'] },
      success,
      errors: refusals,
      async handle({ params, body, ifMatch, caller, by }) {
        const roles = toHeldRoles(body.roles, clock.now(), (index) => `roles.${index}.expires_at`);
        const twice = roles.find(
          ({ name }, index) => roles.findIndex((other) => other.name === name) !== index,
        );
        if (twice !== undefined)
          throw new AppError('invalid_input', {
            fields: [{ field: 'roles', message: 'Name each role once.' }],
          });
        const changed = { id: params.id, ifMatch, caller, by, next: () => roles };
        return showHeldRoles(collection, await changeHeldRoles(collection, changed));
      },
    }),
    defineRoute({
      ...common,
      method: 'POST',
      path,
      operationId: `add${operation}Role`,
      scope: 'roles:write',
      summary: `Give a ${noun} one more role, or one that it has until another day`,
      body: { schema: heldRoleBody, mediaTypes: ['application/json'] },
      success,
      errors: refusals,
      async handle({ params, body, ifMatch, caller, by }) {
        const added = toHeldRoles([body], clock.now(), () => 'expires_at');
        const changed = await changeHeldRoles(collection, {
          id: params.id,
          ifMatch,
          caller,
          by,
          next: (held) => [...held.filter(({ name }) => name !== body.name), ...added],
        });
        return showHeldRoles(collection, changed);
      },
    }),
    defineRoute({
      ...common,
      method: 'DELETE',
      path: `${path}/{role}`,
      params: oneOfThem,
      operationId: `remove${operation}Role`,
      scope: 'roles:write',
      summary: `Take a role from a ${noun}; tokens that are wider now end within a second`,
      body: noBody,
      success: { status: 204, description: 'It is taken' },
      errors: [...refusals, 'role_not_found'],
      async handle({ params, ifMatch, caller, by }) {
        await changeHeldRoles(collection, {
          id: params.id,
          ifMatch,
          caller,
          by,
          next(held) {
            const rest = held.filter(({ name }) => name !== params.role);
            if (rest.length === held.length) throw new AppError('role_not_found');
            return rest;
          },
        });
        return { status: 204 };
      },
    }),
  ];
}
