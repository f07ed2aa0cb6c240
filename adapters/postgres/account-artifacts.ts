import type { Database } from './database.ts';

/** Ends what the engine has issued, from the side of the account or client; the engine itself only knows grants. */
export function makeAccountArtifacts(database: Database) {
  return {
    /** Sessions, codes, tokens and grants of an account, offline ones too; in one statement, in the open transaction. */
    async revokeAll(accountId: string): Promise<void> {
      await database.current().raw('delete from oidc_artifact where account_id = ?', [accountId]);
    },
    /** Everything that was issued to a client. */
    async revokeClient(clientId: string): Promise<void> {
      await database.current().raw('delete from oidc_artifact where client_id = ?', [clientId]);
    },
  };
}
