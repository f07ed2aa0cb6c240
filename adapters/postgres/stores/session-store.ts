import type { SessionStore } from '../../../server/sessions/session-store.ts';
import { endAccount, type GoneRow, markEnded, settle } from '../artifacts/account-artifacts.ts';
import { endGrants } from '../artifacts/family.ts';
import { sha256 } from '../artifacts/payload.ts';
import { type Clients, leftBehind } from '../artifacts/signed-out.ts';
import type { Database } from '../connection/database.ts';
import { runSql } from '../connection/run-sql.ts';
import { publicId, type SessionRow, sessionColumns, toSession } from './session-row.ts';

/** Sessions are rows of the engine (artifacts/adapter.ts); what it does not keep of them is in session_detail. */
export function makeSessionStore(database: Database): SessionStore {
  return {
    async list(accountId, current) {
      const rows = await runSql<SessionRow>(
        database,
        `select ${sessionColumns}
         from oidc_artifact s left join session_detail d on d.uid_hash = s.uid_hash
         where s.account_id = ? and s.model = 'Session' and s.expires_at > now()
         order by coalesce(d.last_seen_at, to_timestamp((s.payload->>'loginTs')::float8)) desc nulls last, id limit 200`,
        [accountId],
      );
      const present = current === undefined ? undefined : sha256(current);
      return rows.map((row) => toSession(row, present));
    },

    async end(accountId, id) {
      const [ended] = await runSql<{ clients: Clients | null }>(
        database,
        `with ended as (
           delete from oidc_artifact s where s.account_id = ? and s.model = 'Session' and ${publicId('s')} = ?
           returning s.uid_hash, s.payload->'authorizations' as clients
         ), forgotten as (delete from session_detail where uid_hash in (select uid_hash from ended))
         select clients from ended`,
        [accountId, id],
      );
      if (ended === undefined) return undefined;
      await endGrants(database, grantsOf(ended.clients));
      return leftBehind([ended.clients], []);
    },

    async endOthers(accountId, { uid, grantId }) {
      await markEnded(database, accountId);
      const uidHash = uid === undefined ? null : sha256(uid);
      const [kept] = await runSql<{ clients: Clients | null }>(
        database,
        `select payload->'authorizations' as clients from oidc_artifact
         where model = 'Session' and uid_hash = ? and account_id = ? for update`,
        [uidHash, accountId],
      );
      const grants = [...grantsOf(kept?.clients ?? null), ...(grantId === undefined ? [] : [grantId])];
      return settle(
        await runSql<GoneRow>(
          database,
          `with short as (
             delete from short_lived_artifact where account_id = ? and (grant_id is null or grant_id <> all (?::text[]))
           ), gone as (
             delete from oidc_artifact where account_id = ? and (uid_hash is null or uid_hash is distinct from ?::bytea)
               and (grant_id is null or grant_id <> all (?::text[])) and id_hash <> all (?::bytea[])
             returning model, client_id, payload->'authorizations' as clients
           ), forgotten as (
             delete from session_detail where account_id = ? and uid_hash is distinct from ?::bytea
           )
           select model, client_id, clients from gone where model in ('Session', 'Grant')`,
          [...[accountId, grants, accountId, uidHash, grants, grants.map(sha256)], ...[accountId, uidHash]],
        ),
      );
    },

    endAll: (accountId, kept) => endAccount(database, accountId, kept),
  };
}

const grantsOf = (clients: Clients | null): string[] =>
  Object.values(clients ?? {}).flatMap(({ grantId }) => grantId ?? []);
