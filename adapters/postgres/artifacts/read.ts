import type { AdapterPayload } from 'oidc-provider';
import type { Database } from '../connection/database.ts';
import { runSql } from '../connection/run-sql.ts';
import { type ArtifactRow, fromStored, rowColumns, type Sealer, sha256 } from './payload.ts';
import type { RequestUnits } from './request-unit.ts';
import { mayBeShortLived } from './row.ts';

export interface ArtifactOptions {
  sealer: Sealer;
  units: RequestUnits;
  /** Seconds in which a used refresh token is still shown as unused; see server/oidc/refresh-replay.ts. */
  replayWindow: number;
}

const live = '(t.expires_at is null or t.expires_at > now())';

export type Column = 'id_hash' | 'uid_hash' | 'user_code_hash';

/** One artifact that is alive, by the hash of its id or of another thing that names it. */
export async function findArtifact(
  database: Database,
  model: string,
  column: Column,
  value: string,
): Promise<ArtifactRow | undefined> {
  const lookUp = (table: string) =>
    `select ${rowColumns('t')} from ${table} t where t.model = ? and t.${column} = ? and ${live}`;
  const values = [model, sha256(value)];
  const rows =
    mayBeShortLived(model) && column === 'id_hash'
      ? await runSql<ArtifactRow>(
          database,
          `${lookUp('short_lived_artifact')} union all ${lookUp('oidc_artifact')} limit 1`,
          [...values, ...values],
        )
      : await runSql<ArtifactRow>(database, `${lookUp('oidc_artifact')} limit 1`, values);
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
  granted_hash: Buffer | null;
  granted_payload: AdapterPayload | null;
  granted_account: string | null;
  granted_client: string | null;
  granted_until: number | null;
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
  // crash point: presented_found
  if (row === undefined || row.model !== model) return undefined;
  if (row.grant_id !== null) units.remember(`Grant:${row.grant_id}`, grantOf(row));
  return fromStored(model, row.may_be_replayed ? { ...row, consumed_at: null } : row, sealer, id);
}

function grantOf(row: PresentedRow): ArtifactRow | undefined {
  if (row.granted_hash === null || row.granted_payload === null) return undefined;
  return {
    id_hash: row.granted_hash,
    payload: row.granted_payload,
    grant_id: null,
    account_id: row.granted_account,
    client_id: row.granted_client,
    expires_at: row.granted_until,
    consumed_at: null,
  };
}

async function readPresented(
  database: Database,
  id: string,
  replayWindow: number,
): Promise<PresentedRow | undefined> {
  const hash = sha256(id);
  const rows = await runSql<PresentedRow>(
    database,
    `select found.model, ${rowColumns('found')},
       granted.id_hash as granted_hash, granted.payload as granted_payload, granted.account_id as granted_account,
       granted.client_id as granted_client, extract(epoch from granted.expires_at)::float8 as granted_until,
       found.model = 'RefreshToken' and found.answered and successor.id_hash is not null
         and found.consumed_at > now() - make_interval(secs => ?) as may_be_replayed
     from (
       select model, id_hash, payload, grant_id, account_id, client_id, expires_at, consumed_at, false as answered,
         null::bytea as successor_hash
       from short_lived_artifact where model = any (?) and id_hash = ?
       union all
       select model, id_hash, payload, grant_id, account_id, client_id, expires_at, consumed_at,
         replay_answer is not null as answered, successor_hash
       from oidc_artifact where model = any (?) and id_hash = ?
     ) found
     left join oidc_artifact granted on granted.model = 'Grant'
       and granted.id_hash = sha256(convert_to(found.grant_id, 'UTF8'))
       and (granted.expires_at is null or granted.expires_at > now())
     left join oidc_artifact successor on successor.model = 'RefreshToken'
       and successor.id_hash = found.successor_hash and successor.consumed_at is null
     where found.expires_at is null or found.expires_at > now()
     limit 1`,
    [replayWindow, presented, hash, presented, hash],
  );
  return rows[0];
}
