import { foldLoginName } from '../../../server/accounts/account.ts';
import type { ResourceServerStore } from '../../../server/clients/resource-server-store.ts';
import type { ResourceServer, ResourceServerScope } from '../../../server/clients/resource-servers.ts';
import type { Clock } from '../../../server/clock.ts';
import type { Database } from '../connection/database.ts';
import { runSql } from '../connection/run-sql.ts';
import { attemptWrite } from './constraints.ts';
import { pageAfter, startsWith, toPage } from './paging.ts';

interface ResourceServerRow {
  id: string;
  resource: string;
  name: string;
  access_token_format: ResourceServer['accessTokenFormat'];
  access_token_ttl: number;
  scope_policy: ResourceServer['scopePolicy'];
  created_at: Date;
  updated_at: Date;
  version: number;
  scopes: ResourceServerScope[];
  clients: string[] | null;
}

const columns = `id, resource, name, access_token_format, access_token_ttl, scope_policy, created_at, updated_at, version,
  (select coalesce(json_agg(json_build_object('name', scope.name, 'description', description, 'restricted', restricted)
     order by position), '[]')
   from resource_server_scope scope where scope.resource_server_id = resource_server.id) as scopes,
  case when every_client then null else array(select client_id from resource_server_client
    where resource_server_id = resource_server.id order by client_id) end as clients`;

/** Consents that one request changes; a janitor sees to the rest. */
const atOnce = 1000;

/** @param clock tells when one was deleted */
export function makeResourceServerStore(database: Database, clock: Clock): ResourceServerStore {
  const findOne = async (condition: string, value: string): Promise<ResourceServer | undefined> => {
    const [row] = await runSql<ResourceServerRow>(
      database,
      `select ${columns} from resource_server where ${condition}`,
      [value],
    );
    return row && toResourceServer(row);
  };
  return {
    find: (id) => findOne('id = ? and deleted_at is null', id),
    findByResource: (resource) => findOne('resource = ? and deleted_at is null', resource),
    // Two steps: what the first one has waited for is seen by the second.
    async findForChange(id) {
      await runSql(database, 'select 1 from resource_server where id = ? for update', [id]);
      return findOne('id = ? and deleted_at is null', id);
    },

    async list({ limit, after, search }) {
      const db = database.current();
      const select = db('resource_server').select(db.raw(columns)).whereNull('deleted_at');
      if (search !== undefined) {
        const start = startsWith(foldLoginName(search));
        void select.where((either) => {
          void either.whereLike('search_name', start).orWhereRaw('lower(resource) like ?', [start]);
        });
      }
      pageAfter(select, after, limit);
      const rows: ResourceServerRow[] = await select;
      return toPage(rows.map(toResourceServer), limit);
    },

    async findUnknownClients(ids) {
      const rows = await runSql<{ id: string }>(
        database,
        'select id from client where id = any (?::text[]) order by id for key share',
        [ids],
      );
      const known = new Set(rows.map(({ id }) => id));
      return ids.filter((id) => !known.has(id));
    },

    insert: (server) =>
      database.inTransaction(async () => {
        const outcome = await attemptWrite(database, ['resource_taken'], async (db) => {
          await db('resource_server').insert({
            id: server.id,
            resource: server.resource,
            ...changeableColumns(server),
            created_at: server.createdAt,
            version: server.version,
          });
          return { kind: 'written' } as const;
        });
        if (outcome.kind === 'written') await writeParts(database, server);
        return outcome;
      }),

    update: (server, expectedVersion) =>
      database.inTransaction(async () => {
        const outcome = await writeRow(database, server, expectedVersion);
        if (outcome.kind === 'written') await writeParts(database, server);
        return outcome;
      }),

    delete: (id, expectedVersion) =>
      database.inTransaction(async () => {
        const [gone] = await runSql<{ resource: string }>(
          database,
          `update resource_server set deleted_at = ?
           where id = ? and version = coalesce(?, version) and deleted_at is null returning resource`,
          [clock.now(), id, expectedVersion ?? null],
        );
        if (gone === undefined) return false;
        if ((await removeFromConsents(database, gone.resource, atOnce)) < atOnce) await remove(database, id);
        return true;
      }),

    finishDeletions: (most) =>
      database.inTransaction(async () => {
        const [deleted] = await runSql<{ id: string; resource: string }>(
          database,
          `select id, resource from resource_server where deleted_at is not null
           order by deleted_at limit 1 for update skip locked`,
          [],
        );
        if (deleted === undefined) return 0;
        const changed = await removeFromConsents(database, deleted.resource, most);
        if (changed < most) await remove(database, deleted.id);
        return changed;
      }),
  };
}

async function writeRow(
  database: Database,
  server: ResourceServer,
  expectedVersion: number,
): Promise<{ kind: 'written' | 'stale' | 'missing' }> {
  const [outcome] = await runSql<{ written: boolean; present: boolean }>(
    database,
    `with present as (
       select id from resource_server where id = ? and deleted_at is null
     ), written as (
       update resource_server set name = ?, search_name = ?, access_token_format = ?, access_token_ttl = ?, every_client = ?,
         scope_policy = ?, updated_at = ?, version = version + 1
       where id = ? and version = ? and deleted_at is null returning id
     )
     select exists (select from written) as written, exists (select from present) as present`,
    [server.id, ...Object.values(changeableColumns(server)), server.id, expectedVersion],
  );
  if (outcome?.written === true) return { kind: 'written' };
  return { kind: outcome?.present === true ? 'stale' : 'missing' };
}

/** In the order of the columns in `writeRow`. */
function changeableColumns(server: ResourceServer) {
  return {
    name: server.name,
    search_name: foldLoginName(server.name),
    access_token_format: server.accessTokenFormat,
    access_token_ttl: server.accessTokenTtl,
    every_client: server.clients === '*',
    scope_policy: server.scopePolicy,
    updated_at: server.updatedAt,
  };
}

/** Scopes and clients as they are to be, in place of those that are there. */
async function writeParts(database: Database, { id, scopes, clients }: ResourceServer): Promise<void> {
  const rows = JSON.stringify(scopes.map((scope, position) => ({ ...scope, position })));
  await runSql(
    database,
    `with wanted as (
       select * from jsonb_to_recordset(?::jsonb) as scope (name text, position integer, description text, restricted boolean)
     ), gone as (
       delete from resource_server_scope where resource_server_id = ? and name not in (select name from wanted)
     )
     insert into resource_server_scope (resource_server_id, name, position, description, restricted)
     select ?, name, position, description, restricted from wanted
     on conflict (resource_server_id, name) do update set position = excluded.position,
       description = excluded.description, restricted = excluded.restricted`,
    [rows, id, id],
  );
  await runSql(
    database,
    `with wanted as (
       select unnest(?::text[]) as client_id
     ), gone as (
       delete from resource_server_client where resource_server_id = ? and client_id not in (select client_id from wanted)
     )
     insert into resource_server_client (resource_server_id, client_id) select ?, client_id from wanted
     on conflict do nothing`,
    [clients === '*' ? [] : clients, id, id],
  );
}

async function removeFromConsents(database: Database, resource: string, most: number): Promise<number> {
  const rows = await runSql(
    database,
    `with about as (
       select account_id, client_id from consent
       where agreed -> 'resources' <> '{}'::jsonb and agreed -> 'resources' @> jsonb_build_object(?::text, '[]'::jsonb)
       limit ? for update
     )
     update consent set agreed = agreed #- array['resources', ?::text] from about
     where consent.account_id = about.account_id and consent.client_id = about.client_id returning 1`,
    [resource, most, resource],
  );
  return rows.length;
}

async function remove(database: Database, id: string): Promise<void> {
  await runSql(database, 'delete from resource_server where id = ?', [id]);
}

function toResourceServer(row: ResourceServerRow): ResourceServer {
  return {
    id: row.id,
    resource: row.resource,
    name: row.name,
    scopes: row.scopes,
    accessTokenFormat: row.access_token_format,
    accessTokenTtl: row.access_token_ttl,
    clients: row.clients ?? '*',
    scopePolicy: row.scope_policy,
    builtIn: false,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    version: row.version,
  };
}
