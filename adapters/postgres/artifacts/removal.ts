import type { Database } from '../connection/database.ts';
import { runSql } from '../connection/run-sql.ts';

/** Everything that belongs to a grant, in whichever table it lies; one statement. */
export async function removeOfGrant(database: Database, grantId: string): Promise<void> {
  await runSql(
    database,
    'with short as (delete from short_lived_artifact where grant_id = ?) delete from oidc_artifact where grant_id = ?',
    [grantId, grantId],
  );
}
