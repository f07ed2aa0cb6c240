import type { Database } from '../connection/database.ts';
import { runSql } from '../connection/run-sql.ts';

/** Everything that belongs to a grant, an account or a client, in whichever table it lies; one statement. */
export async function removeArtifacts(
  database: Database,
  of: 'grant_id' | 'account_id' | 'client_id',
  value: string,
): Promise<void> {
  await runSql(
    database,
    `with short as (delete from short_lived_artifact where ${of} = ?) delete from oidc_artifact where ${of} = ?`,
    [value, value],
  );
}
