import type { Database } from './database.ts';
import { runSql } from './run-sql.ts';

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
  };
}
