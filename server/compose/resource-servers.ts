import type { Database } from '../../adapters/postgres/connection/database.ts';
import { makeResourceServerStore } from '../../adapters/postgres/stores/resource-server-store.ts';
import { makeScopeRestrictions } from '../../adapters/postgres/stores/scope-restrictions.ts';
import type { Announcer } from '../changes/announcer.ts';
import type { ChangeFeed } from '../changes/feed.ts';
import { announcingResourceServers } from '../clients/announcing-resource-servers.ts';
import { makeConferScopes } from '../clients/confer-scopes.ts';
import {
  type CreateResourceServerDeps,
  makeCreateResourceServer,
} from '../clients/create-resource-server.ts';
import { makeDeleteResourceServer } from '../clients/delete-resource-server.ts';
import { makeAllResourceServers } from '../clients/list-resource-servers.ts';
import type { ScopeRestrictions } from '../clients/resource-server-store.ts';
import { makeUpdateResourceServer } from '../clients/update-resource-server.ts';
import { makeResourceServerReader } from '../oidc/resource-server-reader.ts';

export interface ResourceServersDeps extends Omit<CreateResourceServerDeps, 'resourceServers'> {
  database: Database;
  changes: Pick<Announcer, 'changed'> & { feed: ChangeFeed };
}

/** Resource servers: who changes them, who sees them, and who gives out tokens for them. */
export function makeResourceServers(deps: ResourceServersDeps) {
  const { issuer, database, changes } = deps;
  const rows = makeResourceServerStore(database, deps.clock);
  const changed = (): void => changes.changed('resource_server');
  const resourceServers = announcingResourceServers(rows, changed);
  const restrictions = makeScopeRestrictions(database);
  const shared = { ...deps, resourceServers, roleUses: restrictions };
  const announced: Pick<ScopeRestrictions, 'restrict'> = {
    restrict: (permissions) => restrictions.restrict(permissions).finally(changed),
  };
  return {
    resourceServers,
    findRestricted: restrictions.findRestricted,
    conferScopes: makeConferScopes(issuer, announced),
    resourceServerReader: makeResourceServerReader(issuer, rows, changes.feed),
    allResourceServers: makeAllResourceServers(shared),
    createResourceServer: makeCreateResourceServer(shared),
    updateResourceServer: makeUpdateResourceServer(shared),
    deleteResourceServer: makeDeleteResourceServer(shared),
  };
}
