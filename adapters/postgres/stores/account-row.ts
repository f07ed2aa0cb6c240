import type { Account } from '../../../server/accounts/account.ts';

/** An account as its row has it, and its roles. Moments are text where they come inside of JSON. */
export interface AccountRow {
  id: string;
  email: string | null;
  email_verified: boolean;
  username: string | null;
  profile: Account['profile'];
  status: Account['status'];
  created_at: Date | string;
  updated_at: Date | string;
  version: number;
  roles: string[];
}

const names = [
  'id',
  'email',
  'email_verified',
  'username',
  'profile',
  'status',
  'created_at',
  'updated_at',
  'version',
];

export const accountColumns: readonly string[] = names.map((name) => `account.${name}`);

/** Roles come along with their account: no second statement, however long the list. Those that have ended are none. */
export const rolesOfAccount = `array(
      select role_name from account_role where account_role.account_id = account.id
        and (expires_at is null or expires_at > now()) order by role_name
    )`;

/** The whole row in one value, for statements that are about something else. */
export const accountAsJson = `json_build_object(${names.map((name) => `'${name}', account.${name}`).join(', ')},
      'roles', ${rolesOfAccount})`;

export function toAccount(row: AccountRow): Account {
  return {
    id: row.id,
    email: row.email,
    emailVerified: row.email_verified,
    username: row.username,
    profile: row.profile,
    roles: row.roles,
    status: row.status,
    createdAt: new Date(row.created_at),
    updatedAt: new Date(row.updated_at),
    version: row.version,
  };
}
