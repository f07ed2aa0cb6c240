import { skeletonOf } from '../../../server/accounts/names/skeleton.ts';
import type { Database } from '../connection/database.ts';
import { runSql } from '../connection/run-sql.ts';

/** Names of one statement. */
const batch = 500;

/**
 * Adds what is missing beside user names: those of before there were skeletons, and imported ones. A name that looks like
 * another one stays valid; nobody new gets one that looks like either. Returns how many were added.
 */
export async function fillUsernameSkeletons(database: Database): Promise<number> {
  let added = 0;
  for (;;) {
    const rows = await runSql<{ account_id: string; name: string }>(
      database,
      'select account_id, name from login_name where skeleton_pending limit ?',
      [batch],
    );
    for (const { account_id: id, name } of rows) await add(database, id, skeletonOf(name));
    added += rows.length;
    if (rows.length < batch) return added;
  }
}

async function add(database: Database, accountId: string, skeleton: string): Promise<void> {
  await runSql(
    database,
    `with done as (update login_name set skeleton_pending = false where account_id = ? and kind = 'username')
     insert into username_skeleton (skeleton, account_id)
     select case when exists (select from username_skeleton where skeleton = ?) then ? else ? end, id
     from account where id = ?
     on conflict do nothing`,
    // A space is in no skeleton of a user name.
    [accountId, skeleton, `${skeleton} ${accountId}`, skeleton, accountId],
  );
}
