import type { KeptSession } from '../../../server/accounts/artifacts.ts';
import type { Database } from '../connection/database.ts';
import { runSql } from '../connection/run-sql.ts';
import { sha256 } from './payload.ts';
import { removeArtifacts } from './removal.ts';

/** Ends what the engine has issued, from the side of the account or client; the engine itself only knows grants. */
export function makeAccountArtifacts(database: Database) {
  return {
    /**
     * Sessions, codes, tokens and grants of an account, offline ones too, and every sign-in that is under way. The mark locks
     * the account's row: a request that begins a session or grant at this moment comes before it, and is seen by the second
     * statement, or after it, and sees the mark (artifacts/browser-commit.ts).
     */
    async revokeAll(accountId: string): Promise<void> {
      await database.inTransaction(async () => {
        await runSql(database, 'update account set sessions_ended_at = clock_timestamp() where id = ?', [
          accountId,
        ]);
        await removeArtifacts(database, 'account_id', accountId);
      });
    },
    /**
     * Of a session that is kept the row stays, perhaps under a new id; what it knew of grants leads to nothing from now on, and new
     * ones take their place.
     */
    async revokeAllBut(accountId: string, { uid, newId, grantId }: KeptSession): Promise<void> {
      const hashOf = (text: string | undefined) => (text === undefined ? null : sha256(text));
      await database.inTransaction(async () => {
        await runSql(database, 'update account set sessions_ended_at = clock_timestamp() where id = ?', [
          accountId,
        ]);
        await runSql(
          database,
          `with short as (delete from short_lived_artifact where account_id = ?),
             kept as (
               update oidc_artifact set id_hash = coalesce(?, id_hash)
               where model = 'Session' and uid_hash = ? and account_id = ?
             )
           delete from oidc_artifact where account_id = ?
             and not (model = 'Session' and uid_hash is not distinct from ?)
             and not (model = 'Grant' and id_hash is not distinct from ?)`,
          [
            ...[accountId, hashOf(newId), hashOf(uid), accountId],
            ...[accountId, hashOf(uid), hashOf(grantId)],
          ],
        );
      });
    },
    /** Everything that was issued to a client, also what it has got for itself and nobody stores. */
    async revokeClient(clientId: string): Promise<void> {
      await database.current().raw(
        `with renewed as (update client set token_ref = default where id = ?),
           short as (delete from short_lived_artifact where client_id = ?)
         delete from oidc_artifact where client_id = ?`,
        [clientId, clientId, clientId],
      );
    },
  };
}
