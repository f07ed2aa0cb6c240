import type { RoleNames } from '../../../server/accounts/role-names.ts';
import type { Permission, Role } from '../../../server/clients/roles/role.ts';
import type { RoleStore } from '../../../server/clients/roles/role-store.ts';
import type { Database } from '../connection/database.ts';
import { runSql } from '../connection/run-sql.ts';
import { attemptWrite } from './constraints.ts';

interface RoleRow {
  name: string;
  description: string;
  built_in: boolean;
  created_at: Date;
  updated_at: Date;
  version: number;
  permissions: Permission[];
  contained: string[];
}

export function makeRoleStore(database: Database): RoleStore & RoleNames {
  return {
    async list() {
      return (await runSql<RoleRow>(database, `${selectRoles} order by name`, [])).map(toRole);
    },

    async find(name) {
      const [row] = await runSql<RoleRow>(database, `${selectRoles} where name = ?`, [name]);
      return row && toRole(row);
    },

    async insert(role) {
      await lockRoles(database);
      if (await closesCircle(database, role)) return { kind: 'role_cycle' };
      return attemptWrite(database, ['role_name_taken', 'role_not_found'], async (db) => {
        const { name, description, builtIn, createdAt, updatedAt, version } = role;
        await db.raw(insertStatement, [
          name,
          description,
          builtIn,
          createdAt,
          updatedAt,
          version,
          ...partsOf(role),
        ]);
        return { kind: 'written' } as const;
      });
    },

    async update(role, expectedVersion) {
      await lockRoles(database);
      const [present] = await runSql<{ version: number; built_in: boolean }>(
        database,
        'select version, built_in from role where name = ? for update',
        [role.name],
      );
      if (present === undefined) return { kind: 'missing' };
      if (present.built_in) return { kind: 'built_in' };
      if (present.version !== expectedVersion) return { kind: 'stale' };
      if (await closesCircle(database, role)) return { kind: 'role_cycle' };
      return attemptWrite(database, ['role_not_found'], async (db) => {
        await db.raw(updateStatement, [role.description, role.updatedAt, role.name, ...partsOf(role)]);
        return { kind: 'written' } as const;
      });
    },

    async countHolders(name) {
      const [row] = await runSql<{ users: string; clients: string; roles: string[] }>(
        database,
        `select
          (select count(*) from account_role where role_name = ? and (expires_at is null or expires_at > now())) as users,
          (select count(*) from client_role where role_name = ? and (expires_at is null or expires_at > now())) as clients,
          array(select role_name from role_inclusion where contained_name = ? order by role_name) as roles`,
        [name, name, name],
      );
      return { users: Number(row?.users), clients: Number(row?.clients), roles: row?.roles ?? [] };
    },

    async findForDeletion(name) {
      await lockRoles(database);
      // Whoever gives it to somebody at this moment comes before, or finds it gone.
      await runSql(database, 'select 1 from role where name = ? for update', [name]);
      const [row] = await runSql<RoleRow>(database, `${selectRoles} where name = ?`, [name]);
      return row && toRole(row);
    },

    async delete(name) {
      await lockRoles(database);
      const [present] = await runSql(
        database,
        'select 1 from role where name = ? and not built_in for update',
        [name],
      );
      if (present === undefined) return false;
      await runSql(database, takeFromAll, [name, name]);
      await runSql(database, 'delete from role where name = ?', [name]);
      return true;
    },

    async findUnknown(names) {
      if (names.length === 0) return [];
      const { rows } = await database.current().raw<{ rows: { name: string }[] }>(
        `select distinct given.name from unnest(?::text[]) as given (name)
        where not exists (select from role where role.name = given.name) order by given.name`,
        [[...names]],
      );
      return rows.map(({ name }) => name);
    },
  };
}

const selectRoles = `select name, description, built_in, created_at, updated_at, version,
    coalesce((
      select json_agg(json_build_object('resource', resource, 'scope', scope) order by resource, scope)
      from role_permission where role_name = role.name
    ), '[]') as permissions,
    array(select contained_name from role_inclusion where role_name = role.name order by contained_name) as contained
  from role`;

/** Whoever writes roles next waits here until this transaction ends, and sees with the next statement what it has done. */
async function lockRoles(database: Database): Promise<void> {
  await runSql(database, "select 1 from change_mark where topic = 'role' for update", []);
}

async function closesCircle(database: Database, { name, roles }: Role): Promise<boolean> {
  if (roles.length === 0) return false;
  const [row] = await runSql<{ circle: boolean }>(
    database,
    `with recursive reached (name) as (
      select unnest(?::text[]) collate "C"
      union select contained_name from role_inclusion join reached on role_name = reached.name
    )
    select exists (select from reached where name = ?) as circle`,
    [[...roles], name],
  );
  return row?.circle === true;
}

const insertParts = `
  insert into role_permission (role_name, resource, scope)
  select written.name, given.resource, given.scope from written, given_permission as given
  on conflict on constraint role_permission_pkey do nothing
), included as (
  insert into role_inclusion (role_name, contained_name)
  select written.name, given.name from written, given_role as given
  on conflict on constraint role_inclusion_pkey do nothing
)
select 1`;

const givenParts = `given_permission as (
  select distinct resource, scope from unnest(?::text[], ?::text[]) as given (resource, scope)
), given_role as (
  select distinct name from unnest(?::text[]) as given (name)
)`;

const insertStatement = `
with written as (
  insert into role (name, description, built_in, created_at, updated_at, version) values (?, ?, ?, ?, ?, ?) returning name
), ${givenParts}, allowed as (${insertParts}`;

const updateStatement = `
with written as (
  update role set description = ?, updated_at = ?, version = version + 1 where name = ? returning name
), ${givenParts}, forbidden as (
  delete from role_permission using written
  where role_name = written.name and (resource, scope) not in (select resource, scope from given_permission)
), excluded_role as (
  delete from role_inclusion using written
  where role_name = written.name and contained_name not in (select name from given_role)
), allowed as (${insertParts}`;

const takeFromAll = `
with taken as (
  delete from account_role where role_name = ? returning account_id
), changed as (
  update account set version = version + 1 from taken where account.id = taken.account_id
), taken_from_client as (
  delete from client_role where role_name = ? returning client_id
)
update client set version = version + 1 from taken_from_client where client.id = taken_from_client.client_id`;

function partsOf({ permissions, roles }: Role) {
  return [permissions.map(({ resource }) => resource), permissions.map(({ scope }) => scope), [...roles]];
}

function toRole(row: RoleRow): Role {
  return {
    name: row.name,
    description: row.description,
    permissions: row.permissions,
    roles: row.contained,
    builtIn: row.built_in,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    version: row.version,
  };
}
