import type { Database } from '../../adapters/postgres/connection/database.ts';
import { makeRoleAssignments } from '../../adapters/postgres/stores/role-assignments.ts';
import { makeRoleStore } from '../../adapters/postgres/stores/role-store.ts';
import { adminRole } from '../accounts/role-names.ts';
import type { Announcer } from '../changes/announcer.ts';
import type { ChangeFeed } from '../changes/feed.ts';
import { keep } from '../changes/kept.ts';
import {
  adminAudience,
  adminScopes,
  builtInResourceServers,
  expandScopes,
} from '../clients/resource-servers.ts';
import { announcingAssignments, announcingRoles } from '../clients/roles/announcing-roles.ts';
import { type AssignRolesDeps, makeAssignToClient, makeAssignToUser } from '../clients/roles/assign-roles.ts';
import { makeDeleteRole } from '../clients/roles/delete-role.ts';
import { buildRoleGraph, type Permissions, type RoleGraph } from '../clients/roles/graph.ts';
import type { RoleStore } from '../clients/roles/role-store.ts';
import { makeCreateRole, makeUpdateRole, type WriteRoleDeps } from '../clients/roles/write-role.ts';

/** Roles and who has them, telling this process of what is changed. */
export const makeRoleStores = (database: Database, { changed }: Pick<Announcer, 'changed'>) => ({
  roles: announcingRoles(makeRoleStore(database), () => changed('role')),
  assignments: announcingAssignments(makeRoleAssignments(database), () => changed('client')),
});

export interface RoleGraphReader {
  /** As it was less than a second ago, whoever has changed it since. Out of memory while nothing was changed. */
  current(): Promise<RoleGraph>;
  closureOf(names: readonly string[]): Promise<readonly string[]>;
  permissionsOf(names: readonly string[]): Promise<Permissions>;
  /** As they are in the database now, for decisions that may not be a second late. */
  readNow(): Promise<RoleGraph>;
}

/** The roles in memory: all of them at once, since what one allows depends on others. */
export function makeRoleGraphReader(
  issuer: string,
  roles: Pick<RoleStore, 'list'>,
  feed: ChangeFeed,
): RoleGraphReader {
  const ofAdmin: Permissions = new Map([
    [adminAudience(issuer), new Set(adminScopes.map(({ name }) => name))],
  ]);
  const builtIn = {
    servers: new Set(builtInResourceServers(issuer).map(({ resource }) => resource)),
    permissionsOf: (role: string): Permissions => (role === adminRole ? ofAdmin : new Map()),
    expand: expandScopes,
  };
  const readNow = async () => buildRoleGraph({ roles: await roles.list(), builtIn });
  const kept = keep<RoleGraph>({
    feed,
    topic: 'role',
    most: 1,
    now: () => performance.now(),
    read: readNow,
  });
  const current = async (): Promise<RoleGraph> => {
    const graph = await kept.get('all');
    if (graph === undefined) throw new Error('the roles were read and are not there');
    return graph;
  };
  return {
    readNow,
    current,
    closureOf: async (names) => (await current()).closureOf(names),
    permissionsOf: async (names) => (await current()).permissionsOf(names),
  };
}

/** The use cases of roles, and of who has them. */
export function makeRoles(deps: Omit<WriteRoleDeps, 'builtInRoles'> & Omit<AssignRolesDeps, 'ownerRole'>) {
  const shared = {
    ...deps,
    builtInRoles: [adminRole],
    ownerRole: adminRole,
  };
  return {
    createRole: makeCreateRole(shared),
    updateRole: makeUpdateRole(shared),
    deleteRole: makeDeleteRole(shared),
    assignToUser: makeAssignToUser(shared),
    assignToClient: makeAssignToClient(shared),
  };
}
