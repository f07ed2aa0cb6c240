import type { RoleUses, ScopeRestrictions } from '../../../server/clients/resource-server-store.ts';
import type { Permission } from '../../../server/clients/roles/role.ts';
import type { Database } from '../connection/database.ts';
import { runSql } from '../connection/run-sql.ts';

/** Enough to know where to begin. */
const mostUses = 100;

/** What roles do to the scopes that they confer. */
export function makeScopeRestrictions(database: Database): ScopeRestrictions & RoleUses {
  return {
    rolesWith: (resource, scopes) =>
      runSql(
        database,
        `select scope, role_name as role from role_permission where resource = ? and scope = any (?::text[])
         order by scope, role_name limit ?`,
        [resource, scopes, mostUses],
      ),
    findRestricted: (scopes) =>
      runSql(
        database,
        `select server.resource, known.name as scope
         from resource_server server join resource_server_scope known on known.resource_server_id = server.id
         where known.name = any (?::text[]) and known.restricted and server.deleted_at is null
         order by server.resource, known.name`,
        [scopes],
      ),
    restrict: (permissions) => database.inTransaction(() => restrict(database, permissions)),
  };
}

async function restrict(
  database: Database,
  permissions: readonly Permission[],
): ReturnType<ScopeRestrictions['restrict']> {
  const wanted = [permissions.map(({ resource }) => resource), permissions.map(({ scope }) => scope)];
  await runSql(
    database,
    'select 1 from resource_server where resource = any (?::text[]) and deleted_at is null order by id for update',
    [wanted[0]],
  );
  const missing = await runSql<Permission>(
    database,
    `select resource, scope from unnest(?::text[], ?::text[]) as wanted (resource, scope)
     where not exists (
       select 1 from resource_server server join resource_server_scope known on known.resource_server_id = server.id
       where server.resource = wanted.resource and server.deleted_at is null and known.name = wanted.scope
     )`,
    wanted,
  );
  if (missing.length > 0) return { kind: 'missing', missing };
  const newly = await runSql<Permission>(
    database,
    `with made as (
       update resource_server_scope known set restricted = true
       from unnest(?::text[], ?::text[]) as wanted (resource, scope), resource_server server
       where server.resource = wanted.resource and known.resource_server_id = server.id and known.name = wanted.scope
         and not known.restricted
       returning known.resource_server_id, server.resource, known.name as scope
     ), noted as (
       update resource_server set version = version + 1 where id in (select resource_server_id from made)
     )
     select resource, scope from made`,
    wanted,
  );
  return { kind: 'restricted', newly };
}
