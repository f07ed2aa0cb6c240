import type { AdapterPayload } from 'oidc-provider';
import { fromStored, type Sealer, sha256 } from './artifact-payload.ts';
import type { Database } from './database.ts';
import type { RequestUnits } from './request-unit.ts';
import { runSql } from './run-sql.ts';

export interface ArtifactOptions {
  sealer: Sealer;
  units: RequestUnits;
  /** Seconds in which a used refresh token is still shown as unused; see server/oidc/refresh-replay.ts. */
  replayWindow: number;
}

/** A row as it lies there. */
export interface ArtifactRow {
  id_hash: Buffer;
  payload: AdapterPayload;
  consumed_at: Date | null;
}

const live = '(expires_at is null or expires_at > now())';

/** One artifact that is alive, by the hash of its id or of another thing that names it. */
export async function findArtifact(
  database: Database,
  model: string,
  column: 'id_hash' | 'uid_hash' | 'user_code_hash',
  value: string,
): Promise<ArtifactRow | undefined> {
  const rows = await runSql<ArtifactRow>(
    database,
    `select id_hash, payload, consumed_at from oidc_artifact where model = ? and ${column} = ? and ${live}
     order by expires_at desc limit 1`,
    [model, sha256(value)],
  );
  return rows[0];
}

/** What clients present to be given or told something. The engine asks for each model that a value could be of. */
const presented: readonly string[] = [
  'AuthorizationCode',
  'AccessToken',
  'ClientCredentials',
  'RefreshToken',
];

export const isPresented = (model: string): boolean => presented.includes(model);

interface PresentedRow extends ArtifactRow {
  model: string;
  grant_hash: Buffer | null;
  grant_payload: AdapterPayload | null;
  /** Used a moment ago, and what it brought is not used yet. */
  may_be_replayed: boolean;
}

/**
 * A code or token with its grant, in one statement for all models that it could be of: introspection asks three of them, and
 * every use of a token asks for its grant next.
 */
export async function findPresented(
  database: Database,
  { sealer, units, replayWindow }: ArtifactOptions,
  model: string,
  id: string,
): Promise<AdapterPayload | undefined> {
  const row = await units.once(`presented:${id}`, () => readPresented(database, id, replayWindow));
  if (row === undefined || row.model !== model) return undefined;
  const { grantId } = row.payload;
  if (grantId !== undefined) units.remember(`Grant:${grantId}`, grantOf(row));
  return fromStored(model, row.may_be_replayed ? { ...row, consumed_at: null } : row, sealer, id);
}

function grantOf({ grant_hash, grant_payload }: PresentedRow): ArtifactRow | undefined {
  if (grant_hash === null || grant_payload === null) return undefined;
  return { id_hash: grant_hash, payload: grant_payload, consumed_at: null };
}

async function readPresented(
  database: Database,
  id: string,
  replayWindow: number,
): Promise<PresentedRow | undefined> {
  const rows = await runSql<PresentedRow>(
    database,
    `select found.model, found.id_hash, found.payload, found.consumed_at,
       granted.id_hash as grant_hash, granted.payload as grant_payload,
       found.model = 'RefreshToken' and found.replay_answer is not null and successor.id_hash is not null
         and found.consumed_at > now() - make_interval(secs => ?) as may_be_replayed
     from oidc_artifact found
     left join oidc_artifact granted on granted.model = 'Grant'
       and granted.id_hash = sha256(convert_to(found.grant_id, 'UTF8'))
       and (granted.expires_at is null or granted.expires_at > now())
     left join oidc_artifact successor on successor.model = 'RefreshToken'
       and successor.id_hash = found.successor_hash and successor.consumed_at is null
     where found.model = any (?) and found.id_hash = ? and (found.expires_at is null or found.expires_at > now())`,
    [replayWindow, presented, sha256(id)],
  );
  return rows[0];
}
