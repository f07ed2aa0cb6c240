import type {
  Assignment,
  AssignOutcome,
  Holder,
  HolderPage,
  HolderQuery,
  RoleAssignments,
} from '../../../server/clients/roles/assignments.ts';
import type { HeldRole } from '../../../server/clients/roles/role.ts';
import { AppError } from '../../../server/errors.ts';
import type { Database } from '../connection/database.ts';
import { runSql } from '../connection/run-sql.ts';
import { attemptWrite } from './constraints.ts';

/** People and clients have their roles in tables of the same form. */
interface Kind {
  holder: 'account' | 'client';
  /** The table, and its column of who has the role. */
  table: 'account_role' | 'client_role';
  column: 'account_id' | 'client_id';
}

const account: Kind = { holder: 'account', table: 'account_role', column: 'account_id' };
const client: Kind = { holder: 'client', table: 'client_role', column: 'client_id' };

export function makeRoleAssignments(database: Database): RoleAssignments {
  return {
    ofAccount: (id) => readOf(database, account, id),
    ofClient: (id) => readOf(database, client, id),
    replaceOfAccount: (...given) => replace(database, account, ...given),
    replaceOfClient: (...given) => replace(database, client, ...given),
    listAccounts: (query) => listHolders(database, account, query),
    listClients: (query) => listHolders(database, client, query),
    forgetEnded: async (most) =>
      (await forget(database, account, most)) + (await forget(database, client, most)),
  };
}

async function readOf(database: Database, { table, column }: Kind, id: string): Promise<Assignment[]> {
  const rows = await runSql<{ role_name: string; granted_at: Date; expires_at: Date | null }>(
    database,
    `select role_name, granted_at, expires_at from ${table}
     where ${column} = ? and (expires_at is null or expires_at > now()) order by role_name`,
    [id],
  );
  return rows.map((row) => ({
    name: row.role_name,
    grantedAt: row.granted_at,
    expiresAt: row.expires_at,
  }));
}

function replace(
  database: Database,
  kind: Kind,
  id: string,
  expectedVersion: number,
  roles: readonly HeldRole[],
  now: Date,
): Promise<AssignOutcome> {
  return attemptWrite(database, ['role_not_found'], async (db) => {
    const { rows } = await db.raw<{ rows: { written: boolean; present: boolean }[] }>(
      replaceStatement(kind),
      [
        id,
        now,
        id,
        expectedVersion,
        roles.map(({ name }) => name),
        roles.map(({ expiresAt }) => expiresAt?.toISOString() ?? 'infinity'),
        now,
      ],
    );
    if (rows[0]?.written) return { kind: 'written' } as const;
    return rows[0]?.present ? ({ kind: 'stale' } as const) : ({ kind: 'missing' } as const);
  });
}

const replaceStatement = ({ holder, table, column }: Kind): string => `
with present as (
  select id from ${holder} where id = ?
), written as (
  update ${holder} set updated_at = ?, version = version + 1 where id = ? and version = ? returning id
), given_role as (
  select distinct on (name) name, nullif(expires_at, 'infinity') as expires_at
  from unnest(?::text[], ?::timestamptz[]) as given (name, expires_at) order by name
), revoked as (
  delete from ${table} using written
  where ${column} = written.id and role_name not in (select name from given_role)
), granted as (
  insert into ${table} as present_role (${column}, role_name, granted_at, expires_at)
  select written.id, given_role.name, ?::timestamptz, given_role.expires_at from written, given_role
  on conflict on constraint ${table}_pkey do update set
    expires_at = excluded.expires_at,
    granted_at = case when present_role.expires_at <= now() then excluded.granted_at else present_role.granted_at end
)
select exists (select from written) as written, exists (select from present) as present`;

/** Of each role only as many as a page has are looked at, from where the page before ended. */
async function listHolders(
  database: Database,
  { table, column }: Kind,
  { roles, limit, after }: HolderQuery,
): Promise<HolderPage> {
  const place = after === undefined ? { id: '', role: '' } : toPlace(after);
  const rows = await runSql<{ id: string; role_name: string; granted_at: Date; expires_at: Date | null }>(
    database,
    `select holder.id, holder.role_name, holder.granted_at, holder.expires_at
     from unnest(?::text[]) as asked (role_name) cross join lateral (
       select ${column} as id, role_name, granted_at, expires_at from ${table}
       where role_name = asked.role_name and ${column} >= ? and (${column}, role_name) > (?, ?)
         and (expires_at is null or expires_at > now())
       order by ${column} limit ?
     ) holder
     order by holder.id, holder.role_name limit ?`,
    [[...roles], place.id, place.id, place.role, limit + 1, limit + 1],
  );
  const items = rows.slice(0, limit).map((row) => ({
    id: row.id,
    role: row.role_name,
    grantedAt: row.granted_at,
    expiresAt: row.expires_at,
  }));
  return { items, next: rows.length > limit ? toCursor(items.at(-1)) : null };
}

/** No id has a space; names of roles may not have one either, but older ones could. */
const toCursor = (last: Holder | undefined): string | null =>
  last === undefined ? null : `${last.id} ${last.role}`;

function toPlace(cursor: string): { id: string; role: string } {
  const [, id, role] = /^(\S{1,512}) ([^\0]{1,512})$/.exec(cursor) ?? [];
  if (id === undefined || role === undefined) throw new AppError('invalid_cursor');
  return { id, role };
}

async function forget(database: Database, { table, column }: Kind, most: number): Promise<number> {
  const rows = await runSql(
    database,
    `delete from ${table} where (${column}, role_name) in (
       select ${column}, role_name from ${table} where expires_at <= now()
       order by expires_at limit ? for update skip locked
     ) returning 1`,
    [most],
  );
  return rows.length;
}
