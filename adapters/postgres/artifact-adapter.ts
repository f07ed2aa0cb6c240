import { type Adapter, type AdapterPayload, errors } from 'oidc-provider';
import { accountOf, fromStored, type Sealer, sha256, toStored } from './artifact-payload.ts';
import { type ArtifactOptions, findArtifact, findPresented, isPresented } from './artifact-read.ts';
import type { Database } from './database.ts';
import { type NewArtifact, valuesOf } from './request-unit.ts';
import { runSql } from './run-sql.ts';
import { isStorable } from './storable.ts';

/**
 * The engine's storage for one model. The id is what is presented (a token, a cookie), so only its SHA-256 is stored,
 * and `jti`, which repeats it, is left out and put back on find. Every race is decided by the database in one statement.
 */
export function makeArtifactAdapter(database: Database, options: ArtifactOptions) {
  const { sealer, units } = options;
  return (model: string): Adapter => ({
    async upsert(id, payload, expiresIn) {
      if (!isStorable(payload)) {
        throw new errors.InvalidRequest(
          'a parameter contains a NUL, half of a character, or is nested too deep',
        );
      }
      const artifact = toRow(model, id, payload, expiresIn, sealer);
      units.forget(`${model}:${id}`);
      if (units.add(artifact)) return;
      const rows = await runSql(
        database,
        `insert into oidc_artifact
           (model, id_hash, payload, grant_id, account_id, client_id, uid_hash, user_code_hash, expires_at)
         values (?, ?, ?, ?, ?, ?, ?, ?, to_timestamp(?))
         on conflict (model, id_hash) do update set payload = excluded.payload, grant_id = excluded.grant_id,
           account_id = excluded.account_id, client_id = excluded.client_id, uid_hash = excluded.uid_hash,
           user_code_hash = excluded.user_code_hash, expires_at = excluded.expires_at
         ${model === 'ReplayDetection' ? 'where oidc_artifact.expires_at <= now()' : ''}
         returning true as won`,
        valuesOf(artifact),
      );
      if (rows.length === 0) throw new errors.InvalidRequest('this identifier was used before');
    },

    async find(id) {
      if (isPresented(model)) return findPresented(database, options, model, id);
      const row = await units.once(`${model}:${id}`, () => findArtifact(database, model, 'id_hash', id));
      return row && fromStored(model, row, sealer, id);
    },

    async findByUid(uid) {
      const row = await units.once(`${model}:uid:${uid}`, () =>
        findArtifact(database, model, 'uid_hash', uid),
      );
      return row && fromStored(model, row, sealer);
    },

    async findByUserCode(userCode) {
      const row = await findArtifact(database, model, 'user_code_hash', userCode);
      return row && fromStored(model, row, sealer);
    },

    async consume(id) {
      if (units.consume(model, sha256(id))) return;
      const won = await runSql(
        database,
        `update oidc_artifact set consumed_at = now() where model = ? and id_hash = ? and consumed_at is null
         and (expires_at is null or expires_at > now()) returning true as won`,
        [model, sha256(id)],
      );
      if (won.length === 1) return;
      if (model === 'PushedAuthorizationRequest') {
        throw new errors.InvalidRequestUri('request_uri is invalid, expired, or was already used');
      }
      await endFamily(database, model, id);
      throw new errors.InvalidGrant(`${labels[model] ?? model} already consumed`);
    },

    async destroy(id) {
      units.forget(`${model}:${id}`);
      await runSql(database, 'delete from oidc_artifact where model = ? and id_hash = ?', [
        model,
        sha256(id),
      ]);
    },

    // Every model at once: the engine asks only those that the client may use today, not those that it could use before.
    async revokeByGrantId(grantId) {
      await runSql(database, 'delete from oidc_artifact where grant_id = ?', [grantId]);
    },
  });
}

function toRow(
  model: string,
  id: string,
  payload: AdapterPayload,
  expiresIn: number | undefined,
  sealer: Sealer,
): NewArtifact {
  return {
    model,
    idHash: sha256(id),
    payload: JSON.stringify(toStored(model, id, payload, sealer)),
    // An interaction only remembers the grant: switching accounts ends that grant and must go on in the interaction.
    grantId: model === 'Interaction' ? null : (payload.grantId ?? null),
    accountId: accountOf(payload),
    clientId: payload.clientId ?? null,
    uidHash: model === 'Session' && payload.uid ? sha256(payload.uid) : null,
    userCodeHash: payload.userCode ? sha256(payload.userCode) : null,
    expiresAt:
      typeof payload.exp === 'number' ? payload.exp : expiresIn ? Date.now() / 1000 + expiresIn : null,
  };
}

/**
 * Marks `id` as seen until `expiresAt`; false when it was seen before. One statement, so of two requests at once only
 * one gets true (the engine's own find-then-save lets both pass).
 *
 * @param expiresAt seconds since the epoch
 */
export function makeSeenOnce(database: Database) {
  return async (issuer: string, id: string, expiresAt: number): Promise<boolean> => {
    const rows = await runSql(
      database,
      `insert into oidc_artifact (model, id_hash, payload, expires_at)
       values ('ReplayDetection', ?, '{}', to_timestamp(?))
       on conflict (model, id_hash) do update set expires_at = excluded.expires_at
       where oidc_artifact.expires_at <= now() returning true as won`,
      [sha256(`${issuer}\n${id}`), expiresAt],
    );
    return rows.length === 1;
  };
}

const labels: Record<string, string> = {
  AuthorizationCode: 'authorization code',
  RefreshToken: 'refresh token',
  DeviceCode: 'device code',
  BackchannelAuthenticationRequest: 'backchannel authentication request',
};

/**
 * RFC 9700 2.1.1 and 4.14, RFC 6749 4.1.2: everything that hangs from a code or refresh token that is used twice is revoked,
 * with the grant. One that was never used, or is gone, has no family.
 */
export async function endFamily(database: Database, model: string, id: string): Promise<void> {
  await runSql(
    database,
    `with family as (
       select grant_id from oidc_artifact
       where model = ? and id_hash = ? and consumed_at is not null and grant_id is not null
     )
     delete from oidc_artifact where grant_id in (select grant_id from family)
       or (model = 'Grant' and id_hash in (select sha256(convert_to(grant_id, 'UTF8')) from family))`,
    [model, sha256(id)],
  );
}
