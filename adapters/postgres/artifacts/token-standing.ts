import type { TokenHolder, TokenRoot, TokenStanding } from '../../../server/sessions/token-standing.ts';
import type { Database } from '../connection/database.ts';
import { runSql } from '../connection/run-sql.ts';
import { sha256 } from './payload.ts';

/** Seconds that a revoked token is remembered after it has expired: for processes whose clocks are behind. */
const margin = 60;

type GrantRoot = Extract<TokenRoot, { kind: 'grant' }>;
type ClientRoot = Extract<TokenRoot, { kind: 'client' }>;

/** Each question is one look-up by primary key, of the grant, or of the client and the token's own hash; roles lie beside. */
export function makeTokenStanding(database: Database): TokenStanding & {
  forgetExpired(most: number): Promise<number>;
} {
  return {
    stands: (root) => (root.kind === 'grant' ? grantStands(database, root) : clientStands(database, root)),
    end: (root) => (root.kind === 'grant' ? endGrant(database, root) : revoke(database, root)),

    /** Forgets revoked tokens that nobody would accept any more; at most `most`. Returns how many. */
    async forgetExpired(most: number): Promise<number> {
      const rows = await runSql(
        database,
        `delete from revoked_token where jti_hash = any (array(
           select jti_hash from revoked_token where expires_at <= now()
           order by expires_at limit ? for update skip locked
         )) returning 1`,
        [most],
      );
      return rows.length;
    },
  };
}

async function grantStands(database: Database, { grantId }: GrantRoot): Promise<TokenHolder | undefined> {
  const [row] = await runSql<{ roles: string[] }>(
    database,
    `select array(
       select role_name from account_role where account_role.account_id = standing_grant.account_id
         and (expires_at is null or expires_at > now())
     ) as roles
     from oidc_artifact standing_grant where model = 'Grant' and id_hash = ?
     and (expires_at is null or expires_at > now())`,
    [sha256(grantId)],
  );
  return row && { roles: row.roles, registered: null };
}

/** Tokens of the version before this one have no reference: of those the client has to be there. */
async function clientStands(
  database: Database,
  { clientId, ref, jti }: ClientRoot,
): Promise<TokenHolder | undefined> {
  const [row] = await runSql<{ registered: string | null; roles: string[] }>(
    database,
    `select metadata->>'scope' as registered, array(
       select role_name from client_role where client_role.client_id = client.id
         and (expires_at is null or expires_at > now())
     ) as roles
     from client where id = ? and token_ref = coalesce(?, token_ref)
     and not exists (select 1 from revoked_token where jti_hash = ?)`,
    [clientId, ref ?? null, sha256(jti)],
  );
  return row && { roles: row.roles, registered: row.registered ?? '' };
}

async function endGrant(database: Database, { grantId }: GrantRoot): Promise<boolean> {
  const rows = await runSql<{ ended: boolean }>(
    database,
    `with granted as (
       delete from oidc_artifact where model = 'Grant' and id_hash = ? returning 1
     ), family as (
       delete from oidc_artifact where grant_id = ?
     ), short as (
       delete from short_lived_artifact where grant_id = ?
     )
     select exists (select 1 from granted) as ended`,
    [sha256(grantId), grantId, grantId],
  );
  return rows[0]?.ended === true;
}

async function revoke(database: Database, { jti, expiresAt }: ClientRoot): Promise<boolean> {
  const rows = await runSql(
    database,
    `insert into revoked_token (jti_hash, expires_at) values (?, to_timestamp(?))
     on conflict (jti_hash) do nothing returning 1`,
    [sha256(jti), expiresAt + margin],
  );
  return rows.length === 1;
}
