import type { Role, RoleStore } from '../../../server/accounts/role-store.ts';
import type { Database } from '../connection/database.ts';

interface RoleRow {
  name: string;
  description: string;
  built_in: boolean;
  created_at: Date;
}

export function makeRoleStore(database: Database): RoleStore {
  return {
    async list() {
      const rows: RoleRow[] = await database
        .current()('role')
        .select('name', 'description', 'built_in', 'created_at')
        .orderBy('name');
      return rows.map(toRole);
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

function toRole(row: RoleRow): Role {
  return {
    name: row.name,
    description: row.description,
    builtIn: row.built_in,
    createdAt: row.created_at,
  };
}
