import { adminRole } from '../accounts/role-names.ts';
import type { ChangeFeed } from '../changes/feed.ts';
import { keep } from '../changes/kept.ts';
import {
  adminAudience,
  adminScopes,
  builtInResourceServers,
  expandScopes,
} from '../clients/resource-servers.ts';
import { buildRoleGraph, type Permissions, type RoleGraph } from '../clients/roles/graph.ts';
import type { RoleStore } from '../clients/roles/role-store.ts';

export interface RoleGraphReader {
  /** As it was less than a second ago, whoever has changed it since. Out of memory while nothing was changed. */
  current(): Promise<RoleGraph>;
  closureOf(names: readonly string[]): Promise<readonly string[]>;
  permissionsOf(names: readonly string[]): Promise<Permissions>;
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
  const kept = keep<RoleGraph>({
    feed,
    topic: 'role',
    most: 1,
    now: () => performance.now(),
    read: async () => buildRoleGraph({ roles: await roles.list(), builtIn }),
  });
  const current = async (): Promise<RoleGraph> => {
    const graph = await kept.get('all');
    if (graph === undefined) throw new Error('the roles were read and are not there');
    return graph;
  };
  return {
    current,
    closureOf: async (names) => (await current()).closureOf(names),
    permissionsOf: async (names) => (await current()).permissionsOf(names),
  };
}
