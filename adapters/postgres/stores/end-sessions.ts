import type { Database } from '../connection/database.ts';
import { runSql } from '../connection/run-sql.ts';

/** What clients register and change themselves with: it outlives the sessions of people. */
const registrations = ['InitialAccessToken', 'RegistrationAccessToken'];

/**
 * Ends every session, grant, code and token of everybody, those included that nobody stores, and sign-ins that are under way.
 * Accounts, consents and clients stay as they are.
 */
export async function endAllSessions(database: Database): Promise<void> {
  await database.inTransaction(async () => {
    await runSql(database, 'update account set sessions_ended_at = clock_timestamp()', []);
    await runSql(database, 'update client set token_ref = default', []);
    await runSql(database, 'delete from short_lived_artifact', []);
    await runSql(database, 'delete from oidc_artifact where model <> all (?)', [registrations]);
  });
}
