import type { SeenDevice } from '../../../server/authn/lockout/attempt-store.ts';
import type { Database } from '../connection/database.ts';
import { runSql } from '../connection/run-sql.ts';

/** Devices that an account has; those that signed in longest ago are forgotten first. */
const mostDevices = 50;
/** Longer ones are cut: they are for people to recognize. */
const longestUserAgent = 512;

/** Renews the token of a device, or adds it. An account that is gone by now gets none. */
export async function rememberDevice(
  database: Database,
  accountId: string,
  { id, tokenHash, userAgent }: SeenDevice,
  now: Date,
): Promise<void> {
  const agent = userAgent?.slice(0, longestUserAgent) ?? null;
  await runSql(
    database,
    `with renewed as (
       update known_device set token_hash = ?, last_seen_at = ?, user_agent = ?
       where id = ? and account_id = ? returning id
     ), added as (
       insert into known_device (id, account_id, token_hash, first_seen_at, last_seen_at, user_agent)
       select ?, account.id, ?, ?, ?, ? from account
       where account.id = ? and not exists (select from renewed)
       for key share of account
     )
     delete from known_device where account_id = ? and id = any (array(
       select id from known_device where account_id = ? and id <> ? order by last_seen_at desc, id offset ?
     ))`,
    [
      ...[tokenHash, now, agent, id, accountId],
      ...[id, tokenHash, now, now, agent, accountId],
      ...[accountId, accountId, id, mostDevices - 1],
    ],
  );
}

/** Together with what was counted for each of them. */
export async function forgetDevices(database: Database, accountId: string): Promise<void> {
  await runSql(
    database,
    `with gone as (delete from known_device where account_id = ? returning id)
     delete from sign_in_counter where subject = any (array(select 'device ' || id from gone))`,
    [accountId],
  );
}
