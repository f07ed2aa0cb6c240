import type { KeptSession } from '../../../server/accounts/artifacts.ts';
import type { SignedOutOf } from '../../../server/sessions/session-store.ts';
import type { Database } from '../connection/database.ts';
import { runSql } from '../connection/run-sql.ts';
import { sha256 } from './payload.ts';
import { type Clients, leftBehind } from './signed-out.ts';

/** A session or grant that has ended, as it was. */
export interface GoneRow {
  model: string;
  client_id: string | null;
  clients: Clients | null;
}

/** Ends what the engine has issued, from the side of the account or client; the engine itself only knows grants. */
export function makeAccountArtifacts(database: Database) {
  return {
    /** Sessions, codes, tokens and grants of an account, offline ones too, and every sign-in that is under way. */
    async revokeAll(accountId: string): Promise<void> {
      await endAccount(database, accountId);
    },

    /**
     * Of a session that is kept the row stays, perhaps under a new id; what it knew of grants leads to nothing from now on, and new
     * ones take their place.
     */
    async revokeAllBut(accountId: string, kept: KeptSession): Promise<void> {
      await endAccount(database, accountId, kept);
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

/** Everything of an account, but what is kept; says what has ended. */
export function endAccount(
  database: Database,
  accountId: string,
  { uid, newId, grantId }: Partial<KeptSession> = {},
): Promise<{ sessions: number; left: SignedOutOf[] }> {
  const hashOf = (text: string | undefined) => (text === undefined ? null : sha256(text));
  const uidHash = hashOf(uid);
  return database.inTransaction(async () => {
    await markEnded(database, accountId);
    const gone = await runSql<GoneRow>(
      database,
      `with short as (
         delete from short_lived_artifact where account_id = ?
       ), kept as (
         update oidc_artifact set id_hash = coalesce(?, id_hash)
         where model = 'Session' and uid_hash = ? and account_id = ?
       ), forgotten as (
         delete from session_detail where account_id = ? and uid_hash is distinct from ?
       ), gone as (
         delete from oidc_artifact where account_id = ?
           and not (model = 'Session' and uid_hash is not distinct from ?)
           and not (model = 'Grant' and id_hash is not distinct from ?)
         returning model, client_id, payload->'authorizations' as clients
       )
       select model, client_id, clients from gone where model in ('Session', 'Grant')`,
      [
        ...[accountId, hashOf(newId), uidHash, accountId, accountId, uidHash],
        ...[accountId, uidHash, hashOf(grantId)],
      ],
    );
    return settle(gone);
  });
}

/**
 * Locks the account's row: a request that begins a session or grant at this moment comes before it, and is seen by the
 * statement that follows, or after it, and sees the mark (artifacts/browser-commit.ts).
 */
export async function markEnded(database: Database, accountId: string): Promise<void> {
  await runSql(database, 'update account set sessions_ended_at = clock_timestamp() where id = ?', [
    accountId,
  ]);
}

/** What these sessions and grants leave behind. */
export function settle(gone: readonly GoneRow[]): { sessions: number; left: SignedOutOf[] } {
  const sessions = gone.filter(({ model }) => model === 'Session').map(({ clients }) => clients);
  const granted = gone.flatMap(({ model, client_id: id }) => (model === 'Grant' && id !== null ? [id] : []));
  return { sessions: sessions.length, left: leftBehind(sessions, granted) };
}
