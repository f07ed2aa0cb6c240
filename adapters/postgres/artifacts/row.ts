import type { AdapterPayload } from 'oidc-provider';
import { accountOf, grantOf, type Sealer, sha256, toStored } from './payload.ts';

/** One row that is to be written. */
export interface NewArtifact {
  model: string;
  idHash: Buffer;
  /** JSON. */
  payload: string;
  grantId: string | null;
  accountId: string | null;
  clientId: string | null;
  uidHash: Buffer | null;
  userCodeHash: Buffer | null;
  /** Seconds since the epoch. */
  expiresAt: number | null;
}

/** Seconds that one of the four tables of short-lived artifacts takes in; docs/decisions/0011. */
export const slotSeconds = 1800;
export const slots = 4;
/** The longest life that still leaves a whole slot between the newest row and the table that is emptied. */
const longestShortLife = 2 * slotSeconds;

/** Saved once, used or read for a while, and gone: never saved again with another expiry. */
const shortLived: readonly string[] = [
  'AuthorizationCode',
  'PushedAuthorizationRequest',
  'AccessToken',
  'ClientCredentials',
];

/** Whether rows of this model may lie in short_lived_artifact; tokens with a long life lie in oidc_artifact all the same. */
export const mayBeShortLived = (model: string): boolean => shortLived.includes(model);

/** The slot of a row that lies in short_lived_artifact, or nothing when it lies in oidc_artifact. */
export function slotOf({ model, expiresAt }: Pick<NewArtifact, 'model' | 'expiresAt'>): number | undefined {
  if (!mayBeShortLived(model) || expiresAt === null) return undefined;
  if (expiresAt - Date.now() / 1000 > longestShortLife) return undefined;
  return Math.floor(expiresAt / slotSeconds) % slots;
}

/** @param expiresIn seconds, where the payload itself does not say when it expires */
export function toRow(
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
    grantId: grantOf(model, payload),
    accountId: accountOf(model, payload),
    clientId: payload.clientId ?? null,
    uidHash: model === 'Session' && payload.uid ? sha256(payload.uid) : null,
    userCodeHash: payload.userCode ? sha256(payload.userCode) : null,
    expiresAt:
      typeof payload.exp === 'number' ? payload.exp : expiresIn ? Date.now() / 1000 + expiresIn : null,
  };
}

/** One statement, or a part of one, with its values. */
export interface Sql {
  text: string;
  values: unknown[];
}

const longColumns =
  'model, id_hash, payload, grant_id, account_id, client_id, uid_hash, user_code_hash, expires_at';
const longRow =
  '(?::text, ?::bytea, ?::jsonb, ?::text, ?::text, ?::text, ?::bytea, ?::bytea, to_timestamp(?::float8))';
const shortColumns = 'slot, model, id_hash, payload, grant_id, account_id, client_id, expires_at';
const shortRow =
  '(?::smallint, ?::text, ?::bytea, ?::jsonb, ?::text, ?::text, ?::text, to_timestamp(?::float8))';

const longValues = (row: NewArtifact): unknown[] => [
  row.model,
  row.idHash,
  row.payload,
  row.grantId,
  row.accountId,
  row.clientId,
  row.uidHash,
  row.userCodeHash,
  row.expiresAt,
];

const shortValues = (row: NewArtifact): unknown[] => [
  slotOf(row),
  row.model,
  row.idHash,
  row.payload,
  row.grantId,
  row.accountId,
  row.clientId,
  row.expiresAt,
];

const longReplaced = `on conflict (model, id_hash) do update set payload = excluded.payload, grant_id = excluded.grant_id,
  account_id = excluded.account_id, client_id = excluded.client_id, uid_hash = excluded.uid_hash,
  user_code_hash = excluded.user_code_hash, expires_at = excluded.expires_at`;
const shortReplaced = `on conflict (id_hash, slot) do update set model = excluded.model, payload = excluded.payload,
  grant_id = excluded.grant_id, account_id = excluded.account_id, client_id = excluded.client_id,
  expires_at = excluded.expires_at`;

/**
 * Statements that write these rows, each into its table; a row that is there is replaced, unless it was used: that stays.
 *
 * @param condition SQL without values; where it is false, nothing is written
 */
export function inserts(rows: readonly NewArtifact[], condition = 'true'): Sql[] {
  const short = rows.filter((row) => slotOf(row) !== undefined);
  const long = rows.filter((row) => slotOf(row) === undefined);
  const statements: Sql[] = [];
  if (short.length > 0)
    statements.push({
      text: `insert into short_lived_artifact (${shortColumns})
        select * from (values ${short.map(() => shortRow).join(', ')}) as added where ${condition} ${shortReplaced} returning 1`,
      values: short.flatMap(shortValues),
    });
  if (long.length > 0)
    statements.push({
      text: `insert into oidc_artifact (${longColumns})
        select * from (values ${long.map(() => longRow).join(', ')}) as added where ${condition} ${longReplaced} returning 1`,
      values: long.flatMap(longValues),
    });
  return statements;
}

/** One statement of several, and whether what must hold did hold. */
export function together(parts: readonly (Sql & { name: string })[], verdict: string): Sql {
  return {
    text: `with ${parts.map(({ name, text }) => `${name} as (${text})`).join(', ')} ${verdict}`,
    values: parts.flatMap(({ values }) => values),
  };
}
