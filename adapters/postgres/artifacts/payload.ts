import { hash } from 'node:crypto';
import type { AdapterPayload } from 'oidc-provider';

/** Encrypts what must be read back: AES-256-GCM with the context as additional data. */
export interface Sealer {
  seal(plaintext: Buffer, context: string): string;
  open(sealed: string, context: string): Buffer;
}

/** A row as it lies there: what columns hold is not in the payload. */
export interface ArtifactRow {
  id_hash: Buffer;
  payload: AdapterPayload;
  grant_id: string | null;
  account_id: string | null;
  client_id: string | null;
  /** Seconds since the epoch. */
  expires_at: number | null;
  consumed_at: Date | null;
}

/** The columns of an ArtifactRow in table `t`. */
export const rowColumns = (t: string): string =>
  `${t}.id_hash, ${t}.payload, ${t}.grant_id, ${t}.account_id, ${t}.client_id,
   extract(epoch from ${t}.expires_at)::float8 as expires_at, ${t}.consumed_at`;

/** What is presented (a token, a cookie, a code) is looked up by its hash alone. */
export const sha256 = (text: string): Buffer => hash('sha256', text, 'buffer');

/**
 * Fields that hold something which could be presented. An interaction is resumed under an address that contains its own id;
 * a device code is found by its user code, too, and then saved under its own id again.
 */
const sealedFields: Readonly<Record<string, readonly string[]>> = {
  Interaction: ['returnTo', 'deviceCode', 'parJti'],
  DeviceCode: ['jti', 'userCode'],
};

/** An interaction only remembers the grant: switching accounts ends that grant and must go on in the interaction. */
const belongsToItsGrant = (model: string): boolean => model !== 'Interaction';

/**
 * What may lie in the database: without the id itself and what columns hold, and with the ids of other artifacts encrypted,
 * bound to this row.
 */
export function toStored(
  model: string,
  id: string,
  payload: AdapterPayload,
  sealer: Sealer,
): Record<string, unknown> {
  const { jti: _presented, kind, exp, clientId: _client, accountId, grantId, ...rest } = payload;
  const stored: Record<string, unknown> = rest;
  if (kind !== undefined && kind !== model) stored.kind = kind;
  if (kind === undefined) stored.kind = null;
  if (typeof exp !== 'number') stored.exp = null;
  if (accountId !== undefined && model === 'Interaction') stored.accountId = accountId;
  if (grantId !== undefined && !belongsToItsGrant(model)) stored.grantId = grantId;
  if (model === 'DeviceCode') stored.jti = id;
  // Nobody reads it back: the session is known by its uid.
  if (model === 'Interaction' && payload.session !== undefined) {
    const { cookie: _cookie, ...known } = payload.session;
    stored.session = known;
  }
  for (const field of sealedFields[model] ?? []) {
    const value = stored[field];
    if (typeof value === 'string')
      stored[field] = sealer.seal(Buffer.from(value), context(field, sha256(id)));
  }
  return stored;
}

/** As the engine gave it. `id` is put back as `jti` where it is known; a row found in another way has it sealed or not at all. */
export function fromStored(model: string, row: ArtifactRow, sealer: Sealer, id?: string): AdapterPayload {
  const { kind, exp, ...rest }: Record<string, unknown> = row.payload;
  const payload: AdapterPayload & Record<string, unknown> = rest;
  if (kind !== null) payload.kind = typeof kind === 'string' ? kind : model;
  if (exp === undefined && row.expires_at !== null) payload.exp = row.expires_at;
  if (row.client_id !== null) payload.clientId = row.client_id;
  if (row.account_id !== null && model !== 'Interaction') payload.accountId = row.account_id;
  if (row.grant_id !== null) payload.grantId = row.grant_id;
  for (const field of sealedFields[model] ?? []) {
    const value = payload[field];
    if (typeof value === 'string')
      payload[field] = sealer.open(value, context(field, row.id_hash)).toString();
  }
  if (id !== undefined) payload.jti = id;
  if (row.consumed_at !== null) payload.consumed = Math.floor(row.consumed_at.getTime() / 1000);
  return payload;
}

/** Whose it is. A finished sign-in that waits to be resumed makes a session: it ends with those of its account. */
export function accountOf(model: string, payload: AdapterPayload): string | null {
  return (model === 'Interaction' ? payload.result?.login?.accountId : payload.accountId) ?? null;
}

/** The grant with which it ends. */
export function grantOf(model: string, payload: AdapterPayload): string | null {
  return belongsToItsGrant(model) ? (payload.grantId ?? null) : null;
}

const context = (field: string, idHash: Buffer): string => `oidc_artifact.${field}.${idHash.toString('hex')}`;
