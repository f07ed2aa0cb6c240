import { type Adapter, type AdapterPayload, errors } from 'oidc-provider';
import { accountOf, fromStored, type Sealer, sha256, toStored } from './artifact-payload.ts';
import type { Database } from './database.ts';
import { isStorable } from './storable.ts';

interface Row {
  id_hash: Buffer;
  payload: AdapterPayload;
  consumed_at: Date | null;
}

const columns = 'id_hash, payload, consumed_at';
const live = '(expires_at is null or expires_at > now())';

/**
 * The engine's storage for one model. The id is what is presented (a token, a cookie), so only its SHA-256 is stored,
 * and `jti`, which repeats it, is left out and put back on find. Every race is decided by the database in one statement.
 */
export function makeArtifactAdapter(database: Database, sealer: Sealer) {
  return (model: string): Adapter => ({
    async upsert(id, payload, expiresIn) {
      if (!isStorable(payload)) {
        throw new errors.InvalidRequest(
          'a parameter contains a NUL, half of a character, or is nested too deep',
        );
      }
      const expiresAt =
        typeof payload.exp === 'number' ? payload.exp : expiresIn ? Date.now() / 1000 + expiresIn : null;
      const rows = await run<{ won: boolean }>(
        database,
        `insert into oidc_artifact
           (model, id_hash, payload, grant_id, account_id, client_id, uid_hash, user_code_hash, expires_at)
         values (?, ?, ?, ?, ?, ?, ?, ?, to_timestamp(?))
         on conflict (model, id_hash) do update set payload = excluded.payload, grant_id = excluded.grant_id,
           account_id = excluded.account_id, client_id = excluded.client_id, uid_hash = excluded.uid_hash,
           user_code_hash = excluded.user_code_hash, expires_at = excluded.expires_at
         ${model === 'ReplayDetection' ? 'where oidc_artifact.expires_at <= now()' : ''}
         returning true as won`,
        [
          model,
          sha256(id),
          JSON.stringify(toStored(model, id, payload, sealer)),
          // An interaction only remembers the grant: switching accounts ends that grant and must go on in the interaction.
          model === 'Interaction' ? null : (payload.grantId ?? null),
          accountOf(payload),
          payload.clientId ?? null,
          model === 'Session' && payload.uid ? sha256(payload.uid) : null,
          payload.userCode ? sha256(payload.userCode) : null,
          expiresAt,
        ],
      );
      if (rows.length === 0) throw new errors.InvalidRequest('this identifier was used before');
    },

    async find(id) {
      const rows = await run<Row>(
        database,
        `select ${columns} from oidc_artifact where model = ? and id_hash = ? and ${live}`,
        [model, sha256(id)],
      );
      return rows[0] && fromStored(model, rows[0], sealer, id);
    },

    async findByUid(uid) {
      const rows = await run<Row>(
        database,
        `select ${columns} from oidc_artifact where model = ? and uid_hash = ? and ${live}
         order by expires_at desc limit 1`,
        [model, sha256(uid)],
      );
      return rows[0] && fromStored(model, rows[0], sealer);
    },

    async findByUserCode(userCode) {
      const rows = await run<Row>(
        database,
        `select ${columns} from oidc_artifact where model = ? and user_code_hash = ? and ${live}`,
        [model, sha256(userCode)],
      );
      return rows[0] && fromStored(model, rows[0], sealer);
    },

    async consume(id) {
      const won = await run(
        database,
        `update oidc_artifact set consumed_at = now()
         where model = ? and id_hash = ? and consumed_at is null and ${live} returning true as won`,
        [model, sha256(id)],
      );
      if (won.length === 1) return;
      if (model === 'PushedAuthorizationRequest') {
        throw new errors.InvalidRequestUri('request_uri is invalid, expired, or was already used');
      }
      if (model === 'AuthorizationCode') await endFamily(database, id);
      throw new errors.InvalidGrant(`${labels[model] ?? model} already consumed`);
    },

    async destroy(id) {
      await run(database, 'delete from oidc_artifact where model = ? and id_hash = ?', [model, sha256(id)]);
    },

    // Every model at once: the engine asks only those that the client may use today, not those that it could use before.
    async revokeByGrantId(grantId) {
      await run(database, 'delete from oidc_artifact where grant_id = ?', [grantId]);
    },
  });
}

/**
 * Marks `id` as seen until `expiresAt`; false when it was seen before. One statement, so of two requests at once only
 * one gets true (the engine's own find-then-save lets both pass).
 *
 * @param expiresAt seconds since the epoch
 */
export function makeSeenOnce(database: Database) {
  return async (issuer: string, id: string, expiresAt: number): Promise<boolean> => {
    const rows = await run(
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

/** RFC 9700 2.1.1, RFC 6749 4.1.2: tokens issued from a code that is used twice are revoked. One that was never used has none. */
async function endFamily(database: Database, id: string): Promise<void> {
  const rows = await run<{ grant_id: string | null }>(
    database,
    `select grant_id from oidc_artifact where model = 'AuthorizationCode' and id_hash = ? and consumed_at is not null`,
    [sha256(id)],
  );
  const grantId = rows[0]?.grant_id ?? undefined;
  if (grantId === undefined) return;
  await run(database, `delete from oidc_artifact where grant_id = ? or (model = 'Grant' and id_hash = ?)`, [
    grantId,
    sha256(grantId),
  ]);
}

async function run<T>(database: Database, sql: string, values: readonly unknown[]): Promise<T[]> {
  const answer: { rows: T[] } = await database.current().raw(sql, values as never);
  return answer.rows;
}
