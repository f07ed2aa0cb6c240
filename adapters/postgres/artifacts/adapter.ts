import { type Adapter, type AdapterPayload, errors } from 'oidc-provider';
import type { Database } from '../connection/database.ts';
import { runSql } from '../connection/run-sql.ts';
import { endFamily } from './family.ts';
import { keepRow, type Seen } from './kept.ts';
import { keepSession } from './kept-session.ts';
import { fromStored, sha256 } from './payload.ts';
import { findPresented, isPresented } from './presented.ts';
import { type ArtifactOptions, type Column, findArtifact } from './read.ts';
import { removeOfGrant } from './removal.ts';
import { asRead } from './request-unit.ts';
import { inserts, mayBeShortLived, type NewArtifact, toRow } from './row.ts';
import { isStorable } from './storable.ts';

/**
 * The engine's storage for one model. The id is what is presented (a token, a cookie), so only its SHA-256 is stored,
 * and `jti`, which repeats it, is left out and put back on find. Every race is decided by the database in one statement.
 */
export function makeArtifactAdapter(database: Database, options: ArtifactOptions) {
  const { sealer, units } = options;
  const writers: Readonly<Record<string, (row: NewArtifact, payload: AdapterPayload) => Promise<void>>> = {
    Session: (row, payload) => writeSession(database, options, row, payload),
    ReplayDetection: (row) => writeIdentifier(database, row),
  };
  const lookFor = (model: string) => async (column: Column, value: string) => {
    const row = await findArtifact(database, model, column, value);
    if (row !== undefined) units.note(model, column === 'uid_hash' ? { ...row, id_hash: noCookie } : row);
    return row;
  };
  return (model: string): Adapter => {
    const look = lookFor(model);
    return {
      async upsert(id, payload, expiresIn) {
        if (!isStorable(payload)) {
          throw new errors.InvalidRequest(
            'a parameter contains a NUL, half of a character, or is nested too deep',
          );
        }
        const row = toRow(model, id, payload, expiresIn, sealer);
        units.forget(`${model}:${id}`);
        const write = writers[model];
        if (write !== undefined) return write(row, payload);
        const seen = units.seen(row);
        if (seen === undefined && isFinished(model, payload)) return finish(database, row);
        const waits = seen === undefined ? units.add(row) : units.keep(row, seen);
        if (waits) return units.remember(`${model}:${id}`, asRead(row));
        if (seen === undefined) return insert(database, row);
        await keep(database, options, row, seen);
      },

      async find(id) {
        if (isPresented(model)) return findPresented(database, options, model, id);
        const row = await units.once(`${model}:${id}`, () => look('id_hash', id));
        return row && fromStored(model, row, sealer, id);
      },

      async findByUid(uid) {
        const row = await units.once(`${model}:uid:${uid}`, () => look('uid_hash', uid));
        return row && fromStored(model, row, sealer);
      },

      async findByUserCode(userCode) {
        const row = await look('user_code_hash', userCode);
        return row && fromStored(model, row, sealer);
      },

      async consume(id) {
        if (units.consume(model, sha256(id))) return;
        const won = await runSql(
          database,
          `update ${mayBeShortLived(model) ? 'short_lived_artifact' : 'oidc_artifact'} set consumed_at = now()
         where model = ? and id_hash = ? and consumed_at is null
         and (expires_at is null or expires_at > now()) returning 1`,
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
        if (model === 'Grant' && units.revoke(id)) return;
        if (units.end(model, sha256(id))) return;
        const values = [model, sha256(id)];
        if (mayBeShortLived(model))
          await runSql(
            database,
            `with short as (delete from short_lived_artifact where model = ? and id_hash = ?)
           delete from oidc_artifact where model = ? and id_hash = ?`,
            [...values, ...values],
          );
        else await runSql(database, 'delete from oidc_artifact where model = ? and id_hash = ?', values);
      },

      // Every model at once: the engine asks only those that the client may use today, not those that it could use before.
      // And once in a request: it asks for each of them.
      revokeByGrantId: (grantId) =>
        units.once(`revoked:${grantId}`, async () => {
          if (!units.revoke(grantId)) await removeOfGrant(database, grantId);
        }),
    };
  };
}

/** Of a session that was found by its uid: the engine gives it a new cookie that nobody gets. */
const noCookie = Buffer.alloc(0);

async function insert(database: Database, row: NewArtifact): Promise<void> {
  for (const { text, values } of inserts([row])) await runSql(database, text, values);
}

/** A session that was read is kept, never begun again: somebody may have ended it meanwhile. */
async function writeSession(
  database: Database,
  { units }: ArtifactOptions,
  row: NewArtifact,
  { uid }: AdapterPayload,
): Promise<void> {
  const read = units.sessionRead(uid);
  if (units.addSession(row, read)) return;
  if (read === undefined) return insert(database, row);
  const { text, values } = keepSession(row, read);
  const kept = await runSql(database, text, values);
  if (kept.length === 0) throw new errors.SessionNotFound('the session was ended meanwhile');
}

/** What was read is changed if it still is as it was read, and never made again: somebody may have ended it meanwhile. */
async function keep(
  database: Database,
  { units }: ArtifactOptions,
  row: NewArtifact,
  seen: Seen,
): Promise<void> {
  const { text, values } = keepRow(row, seen);
  const kept = await runSql(database, text, values);
  if (kept.length === 0) throw new errors.SessionNotFound('it was ended or changed meanwhile');
  units.note(row.model, asRead(row));
}

const isFinished = (model: string, { result }: AdapterPayload): boolean =>
  model === 'Interaction' && result !== undefined;

/** What a person has done is written into an interaction that is open; one that is over is not opened again. */
async function finish(database: Database, row: NewArtifact): Promise<void> {
  const finished = await runSql(
    database,
    `update oidc_artifact set payload = ?, account_id = ?, expires_at = to_timestamp(?)
     where model = 'Interaction' and id_hash = ? and payload->'result' is null
     and (expires_at is null or expires_at > now()) returning 1`,
    [row.payload, row.accountId, row.expiresAt, row.idHash],
  );
  if (finished.length === 0) throw new errors.SessionNotFound('the interaction was ended meanwhile');
}

/** The engine asks `seenOnce` instead (server/oidc/provider.ts); this keeps the same promise if it ever asks here. */
async function writeIdentifier(database: Database, row: NewArtifact): Promise<void> {
  const written = await runSql(
    database,
    `insert into oidc_artifact (model, id_hash, payload, grant_id, account_id, client_id, expires_at)
     values (?, ?, ?, ?, ?, ?, to_timestamp(?))
     on conflict (model, id_hash) do update set payload = excluded.payload, expires_at = excluded.expires_at
     where oidc_artifact.expires_at <= now() returning 1`,
    [row.model, row.idHash, row.payload, row.grantId, row.accountId, row.clientId, row.expiresAt],
  );
  if (written.length === 0) throw new errors.InvalidRequest('this identifier was used before');
}

const labels: Record<string, string> = {
  AuthorizationCode: 'authorization code',
  RefreshToken: 'refresh token',
  DeviceCode: 'device code',
  BackchannelAuthenticationRequest: 'backchannel authentication request',
};
