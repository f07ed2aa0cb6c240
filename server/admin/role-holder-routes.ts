import { z } from 'zod';
import type { Holder, HolderQuery, RoleAssignments } from '../clients/roles/assignments.ts';
import type { Role } from '../clients/roles/role.ts';
import type { RoleStore } from '../clients/roles/role-store.ts';
import { AppError } from '../errors.ts';
import type { Cursors } from '../http/api/cursor.ts';
import { pageOf, pageQuery, readPage } from '../http/api/list-query.ts';
import { defineRoute, noBody, type Route } from '../http/api/route.ts';
import { oneRole } from './role-body.ts';

export interface RoleHolderRouteDeps {
  roles: Pick<RoleStore, 'list'>;
  assignments: Pick<RoleAssignments, 'listAccounts' | 'listClients'>;
  cursors: Cursors;
}

const moment = z.int().meta({ description: 'Seconds since 1970.' });

const given = {
  role: z.string().meta({ description: 'The role that they were given: this one, or one that contains it.' }),
  granted_at: moment,
  expires_at: moment.nullable(),
};
const userView = z.strictObject({ sub: z.string(), ...given }).meta({ id: 'UserWithRole' });
const clientView = z.strictObject({ client_id: z.string(), ...given }).meta({ id: 'ClientWithRole' });

const query = z.strictObject({
  ...pageQuery,
  effective: z
    .enum(['true', 'false'])
    .optional()
    .meta({ description: 'true: also whoever has it by a role that contains it.' }),
});

const common = {
  method: 'GET',
  scope: 'roles:read',
  params: oneRole,
  missing: 'role_not_found',
  query,
  body: noBody,
  errors: ['role_not_found', 'invalid_cursor'],
} as const;

/** Who has a role. */
export function makeRoleHolderRoutes(deps: RoleHolderRouteDeps): Route[] {
  const { assignments } = deps;
  const users = (asked: HolderQuery) => assignments.listAccounts(asked);
  const clients = (asked: HolderQuery) => assignments.listClients(asked);
  return [
    defineRoute({
      ...common,
      path: '/roles/{name}/users',
      operationId: 'listRoleUsers',
      summary: 'Who has a role, by sub; somebody who has it by several ways is there several times',
      success: { status: 200, description: 'A page of users', schema: pageOf(userView) },
      handle: async ({ params, query: asked }) => ({
        status: 200,
        body: await readHolders(deps, params.name, asked, users, (one) => ({ sub: one.id, ...show(one) })),
      }),
    }),
    defineRoute({
      ...common,
      path: '/roles/{name}/clients',
      operationId: 'listRoleClients',
      summary: 'Which clients have a role, by client_id',
      success: { status: 200, description: 'A page of clients', schema: pageOf(clientView) },
      handle: async ({ params, query: asked }) => ({
        status: 200,
        body: await readHolders(deps, params.name, asked, clients, (one) => ({
          client_id: one.id,
          ...show(one),
        })),
      }),
    }),
  ];
}

async function readHolders<Shown>(
  { roles, cursors }: RoleHolderRouteDeps,
  name: string,
  { limit, after, effective }: z.output<typeof query>,
  list: (query: HolderQuery) => Promise<{ items: Holder[]; next: string | null }>,
  shown: (holder: Holder) => Shown,
): Promise<{ items: Shown[]; next: string | null }> {
  const all = await roles.list();
  if (!all.some((role) => role.name === name)) throw new AppError('role_not_found');
  const names = effective === 'true' ? namesWith(all, name) : [name];
  const page = (place: string | undefined) => list({ roles: names, limit, after: place });
  return readPage(cursors, 'role-holders', after, page, shown, { name, effective });
}

/** The role, and all that contain it, however deep. */
function namesWith(all: readonly Role[], name: string): string[] {
  const found = new Set([name]);
  // A set goes on to what is added to it meanwhile.
  for (const inner of found) for (const role of all) if (role.roles.includes(inner)) found.add(role.name);
  return [...found];
}

const toSeconds = (time: Date): number => Math.floor(time.getTime() / 1000);

const show = ({ role, grantedAt, expiresAt }: Holder) => ({
  role,
  granted_at: toSeconds(grantedAt),
  expires_at: expiresAt === null ? null : toSeconds(expiresAt),
});
