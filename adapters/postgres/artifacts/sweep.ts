import type { Database } from '../connection/database.ts';
import { runSql } from '../connection/run-sql.ts';
import { slotSeconds, slots } from './row.ts';

/** Milliseconds that emptying a table waits for those who read it, and they for it; else it is tried again at the next round. */
const longestWait = 100;

/** Removes what has expired; see server/process/janitor.ts. */
export function makeArtifactSweep(database: Database) {
  return {
    /** At most `most` rows, oldest first, passing over those that somebody is using. Returns how many. */
    async deleteExpired(most: number): Promise<number> {
      const rows = await runSql(
        database,
        `delete from oidc_artifact where (model, id_hash) in (
           select model, id_hash from oidc_artifact where expires_at <= now()
           order by expires_at limit ? for update skip locked
         ) returning 1`,
        [most],
      );
      return rows.length;
    },

    /** Identifiers that nobody could present any more; at most `most`. Returns how many. An array, so that the table is not read whole. */
    async forgetIdentifiers(most: number): Promise<number> {
      const rows = await runSql(
        database,
        `delete from used_identifier where id_hash = any (array(
           select id_hash from used_identifier where expires_at <= now()
           order by expires_at limit ? for update skip locked
         )) returning 1`,
        [most],
      );
      return rows.length;
    },

    /** Empties the table of short-lived artifacts whose time is over, whole. Returns how many tables it were. */
    async emptyShortLived(): Promise<number> {
      const [over] = await runSql<{ slot: number }>(
        database,
        `select ((floor(extract(epoch from now()) / ?) + ?)::bigint % ?)::int as slot`,
        [slotSeconds, slots - 1, slots],
      );
      const table = `short_lived_artifact_${over?.slot ?? 0}`;
      // A process whose clock is wrong may have written what is still alive: then the table waits.
      const [found] = await runSql<{ may: boolean }>(
        database,
        `select exists (select 1 from ${table}) and not exists (select 1 from ${table} where expires_at > now()) as may`,
        [],
      );
      return found?.may === true && (await truncate(database, table)) ? 1 : 0;
    },
  };
}

/** False when somebody has been reading the table for too long, such as a backup. */
async function truncate(database: Database, table: string): Promise<boolean> {
  try {
    await database.inTransaction(async () => {
      await runSql(database, `set local lock_timeout = ${longestWait}`, []);
      await runSql(database, `truncate ${table}`, []);
    });
    return true;
  } catch (error) {
    if (isLockNotAvailable(error)) return false;
    throw error;
  }
}

const isLockNotAvailable = (error: unknown): boolean =>
  error instanceof Error && (('code' in error && error.code === '55P03') || isLockNotAvailable(error.cause));
