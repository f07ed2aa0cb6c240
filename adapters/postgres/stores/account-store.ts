import type { Knex } from 'knex';
import { type Account, foldLoginName } from '../../../server/accounts/account.ts';
import type { LastOfRole } from '../../../server/accounts/deletion/deletion-store.ts';
import { skeletonOf } from '../../../server/accounts/names/skeleton.ts';
import type { AccountStore } from '../../../server/accounts/store.ts';
import type { Database } from '../connection/database.ts';
import { runSql } from '../connection/run-sql.ts';
import { listAccounts, selectAccounts } from './account-list.ts';
import { type AccountRow, accountColumns, rolesOfAccount, toAccount } from './account-row.ts';
import { attemptWrite } from './constraints.ts';

export function makeAccountStore(database: Database): AccountStore & LastOfRole {
  return {
    async find(id) {
      const [row] = await runSql<AccountRow>(database, findStatement, [id]);
      return row && toAccount(row);
    },

    async findByLoginName(folded) {
      const row: AccountRow | undefined = await selectAccounts(database.current())
        .join('login_name', 'login_name.account_id', 'account.id')
        .where('login_name.name', folded)
        .first();
      return row && toAccount(row);
    },

    list: (query) => listAccounts(database.current(), query),

    insert: (account) =>
      attemptWrite(database, ['login_name_taken', 'role_not_found'], async (db) => {
        await db.raw(insertStatement, insertBindings(account));
        return { kind: 'written' } as const;
      }),

    update: (account, expectedVersion) =>
      attemptWrite(database, ['login_name_taken', 'role_not_found'], async (db) => {
        const { rows } = await db.raw<{ rows: { written: boolean; present: boolean }[] }>(
          updateStatement,
          updateBindings(account, expectedVersion),
        );
        if (rows[0]?.written) return { kind: 'written' } as const;
        return rows[0]?.present ? ({ kind: 'stale' } as const) : ({ kind: 'missing' } as const);
      }),

    async delete(id, expectedVersion) {
      const deletion = database.current()('account').where({ id });
      if (expectedVersion !== undefined) void deletion.where({ version: expectedVersion });
      return (await deletion.delete()) === 1;
    },

    async isLastWithRole(accountId, role) {
      // Whoever asks next waits here, and sees with the statement after this one what the first has done.
      await runSql(database, 'select 1 from role where name = ? for update', [role]);
      const others = await runSql(
        database,
        `select 1 from account_role join account on account.id = account_role.account_id
         where role_name = ? and account_id <> ? and status = 'active' and account_role.expires_at is null limit 1`,
        [role, accountId],
      );
      return others.length === 0;
    },

    async anyWithRole(role) {
      const row: unknown = await database
        .current()('account_role')
        .join('account', 'account.id', 'account_role.account_id')
        .where({ role_name: role, status: 'active' })
        .whereRaw('(account_role.expires_at is null or account_role.expires_at > now())')
        .first('account.id');
      return row !== undefined;
    },
  };
}

const findStatement = `select ${accountColumns.join(', ')}, ${rolesOfAccount} as roles from account where account.id = ?`;

/** One statement, so that the account and its names and roles are there together or not at all. */
const insertStatement = `
with written as (
  insert into account (id, email, email_verified, username, profile, search_name, status, created_at, updated_at, version)
  values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  returning id, created_at
), named as (
  insert into login_name (account_id, kind, name)
  select written.id, given.kind, given.name from written, unnest(?::text[], ?::text[]) as given (kind, name)
), shaped as (
  insert into username_skeleton (account_id, skeleton)
  select written.id, given.skeleton from written, unnest(?::text[]) as given (skeleton)
)
insert into account_role (account_id, role_name, granted_at)
select written.id, given.role, written.created_at from written, unnest(?::text[]) as given (role)
`;

function insertBindings(account: Account): Knex.RawBinding[] {
  return [
    account.id,
    ...changeableColumns(account),
    account.createdAt,
    account.updatedAt,
    account.version,
    ...namesAndRoles(account),
  ];
}

const updateStatement = `
with present as (
  select id from account where id = ?
), written as (
  update account
  set email = ?, email_verified = ?, username = ?, profile = ?, search_name = ?, status = ?, updated_at = ?,
    disabled_at = case when ?::text = 'disabled' then coalesce(disabled_at, ?::timestamptz) end,
    disabled_reason = case when ?::text = 'disabled' then disabled_reason end, version = version + 1
  where id = ? and version = ?
  returning id, updated_at
), given_name as (
  select given.kind, given.name from unnest(?::text[], ?::text[]) as given (kind, name)
), given_shape as (
  select given.skeleton from unnest(?::text[]) as given (skeleton)
), given_role as (
  select distinct given.role from unnest(?::text[]) as given (role)
), unnamed as (
  delete from login_name using written
  where account_id = written.id and kind not in (select kind from given_name)
), named as (
  insert into login_name as present_name (account_id, kind, name)
  select written.id, given_name.kind, given_name.name from written, given_name
  on conflict on constraint login_name_one_of_a_kind do update set name = excluded.name
    where present_name.name <> excluded.name
), unshaped as (
  delete from username_skeleton using written
  where account_id = written.id and not exists (select from given_shape)
), shaped as (
  -- A name that stays as it is keeps what it has: it may look like another one of before there were skeletons.
  insert into username_skeleton as present_shape (account_id, skeleton)
  select written.id, given_shape.skeleton from written, given_shape
  where not exists (
    select from login_name join given_name using (kind, name) where account_id = written.id and kind = 'username'
  )
  on conflict on constraint username_skeleton_one_of_a_kind do update set skeleton = excluded.skeleton
), revoked as (
  delete from account_role using written
  where account_id = written.id and role_name not in (select role from given_role)
), granted as (
  insert into account_role (account_id, role_name, granted_at)
  select written.id, given_role.role, written.updated_at from written, given_role
  -- What has an end keeps it; what has ended and is given again begins anew.
  on conflict on constraint account_role_pkey
  do update set granted_at = excluded.granted_at, expires_at = null where account_role.expires_at <= now()
)
select exists (select from written) as written, exists (select from present) as present
`;

function updateBindings(account: Account, expectedVersion: number): Knex.RawBinding[] {
  return [
    account.id,
    ...changeableColumns(account),
    account.updatedAt,
    ...[account.status, account.updatedAt, account.status],
    account.id,
    expectedVersion,
    ...namesAndRoles(account),
  ];
}

function changeableColumns(account: Account): Knex.RawBinding[] {
  const { email, emailVerified, username, profile, status } = account;
  return [email, emailVerified, username, JSON.stringify(profile), foldLoginName(profile.name ?? ''), status];
}

function namesAndRoles({ email, username, roles }: Account): Knex.RawBinding[] {
  const names = [
    ...(email === null ? [] : [{ kind: 'email', name: foldLoginName(email) }]),
    ...(username === null ? [] : [{ kind: 'username', name: foldLoginName(username) }]),
  ];
  const shapes = username === null ? [] : [skeletonOf(username)];
  return [names.map(({ kind }) => kind), names.map(({ name }) => name), shapes, [...new Set(roles)]];
}
