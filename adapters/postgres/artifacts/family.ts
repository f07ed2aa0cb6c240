import type { Database } from '../connection/database.ts';
import { runSql } from '../connection/run-sql.ts';
import { sha256 } from './payload.ts';

/**
 * RFC 9700 2.1.1 and 4.14, RFC 6749 4.1.2: everything that hangs from a code or refresh token that is used twice is revoked,
 * with the grant. One that was never used, or is gone, has no family.
 */
export async function endFamily(database: Database, model: string, id: string): Promise<void> {
  const table = model === 'AuthorizationCode' ? 'short_lived_artifact' : 'oidc_artifact';
  await runSql(
    database,
    `with family as (
       select grant_id from ${table}
       where model = ? and id_hash = ? and consumed_at is not null and grant_id is not null
     ), short as (
       delete from short_lived_artifact where grant_id in (select grant_id from family)
     )
     delete from oidc_artifact where grant_id in (select grant_id from family)
       or (model = 'Grant' and id_hash in (select sha256(convert_to(grant_id, 'UTF8')) from family))`,
    [model, sha256(id)],
  );
}

/** Grants, and everything that hangs from them. */
export async function endGrants(database: Database, grantIds: readonly string[]): Promise<void> {
  await runSql(
    database,
    `with granted as (
       delete from oidc_artifact where model = 'Grant' and id_hash = any (?::bytea[])
     ), short as (
       delete from short_lived_artifact where grant_id = any (?::text[])
     )
     delete from oidc_artifact where grant_id = any (?::text[])`,
    [grantIds.map(sha256), grantIds, grantIds],
  );
}
