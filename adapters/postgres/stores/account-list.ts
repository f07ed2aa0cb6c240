import type { Knex } from 'knex';
import { type Account, foldLoginName } from '../../../server/accounts/account.ts';
import type { AccountPage, AccountQuery } from '../../../server/accounts/store.ts';
import { type AccountRow, accountColumns, rolesOfAccount, toAccount } from './account-row.ts';
import { pageAfter, pageByText, rangeOfStart, startsWith, toPage, toPageByText } from './paging.ts';

export function selectAccounts(db: Knex): Knex.QueryBuilder {
  return db('account').select(...accountColumns, db.raw(`${rolesOfAccount} as roles`));
}

/** A page of accounts: each order goes along an index, whose entries are read until the page is full. */
export async function listAccounts(db: Knex, query: AccountQuery): Promise<AccountPage> {
  const { by, descending } = query.order ?? { by: 'created_at', descending: false };
  const select = selectAccounts(db);
  applyFilters(select, query);
  const { after, limit } = query;
  switch (by) {
    case 'created_at': {
      pageAfter(select, after, limit, descending);
      const rows: AccountRow[] = await select;
      return toPage(rows.map(toAccount), limit);
    }
    case 'email':
    case 'username': {
      const prefix = by === 'email' ? query.emailPrefix : query.usernamePrefix;
      orderByName(select, by, prefix);
      pageByText(select, ['login_name.name'], { after, limit, descending });
      const rows: (AccountRow & { place: string })[] = await select.select('login_name.name as place');
      return toPageByText(rows, limit, ({ place }) => [place], toAccount);
    }
    case 'sub': {
      const column = query.role === undefined ? 'account.id' : 'account_role.account_id';
      pageByText(select, [column], { after, limit, descending });
      const rows: AccountRow[] = await select;
      return toPageByText(rows, limit, ({ id }) => [id], toAccount);
    }
    default:
      return by satisfies never;
  }
}

function orderByName(
  select: Knex.QueryBuilder,
  kind: 'email' | 'username',
  prefix: string | undefined,
): void {
  void select.join('login_name', 'login_name.account_id', 'account.id').where('login_name.kind', kind);
  if (prefix === undefined) return;
  const [from, to] = rangeOfStart(foldLoginName(prefix));
  void select.where('login_name.name', '>=', from).where('login_name.name', '<', to);
}

function applyFilters(select: Knex.QueryBuilder, query: AccountQuery): void {
  const { search, email, username, status, role, createdFrom, createdBefore } = query;
  if (status !== undefined) void select.where({ status });
  if (createdFrom !== undefined) void select.where('created_at', '>=', createdFrom);
  if (createdBefore !== undefined) void select.where('created_at', '<', createdBefore);
  if (role !== undefined) {
    void select
      .join('account_role', 'account_role.account_id', 'account.id')
      .where('account_role.role_name', role)
      .whereRaw('(account_role.expires_at is null or account_role.expires_at > now())');
  }
  if (email !== undefined) void select.whereIn('account.id', accountsNamed('email', email));
  if (username !== undefined) void select.whereIn('account.id', accountsNamed('username', username));
  if (search !== undefined) {
    const start = startsWith(foldLoginName(search));
    // Two indexes, one for each half; an `or` over both tables could use neither.
    void select.whereIn('account.id', (either) => {
      void either
        .select('account_id')
        .from('login_name')
        .whereLike('name', start)
        .union((byName) => {
          void byName.select('id').from('account').whereLike('search_name', start);
        });
    });
  }
}

function accountsNamed(kind: Extract<keyof Account, 'email' | 'username'>, name: string) {
  return (named: Knex.QueryBuilder): void => {
    void named
      .select('account_id')
      .from('login_name')
      .where({ kind, name: foldLoginName(name) });
  };
}
