import { createHash } from 'node:crypto';
import type { AdapterPayload } from 'oidc-provider';

/** Encrypts what must be read back: AES-256-GCM with the context as additional data. */
export interface Sealer {
  seal(plaintext: Buffer, context: string): string;
  open(sealed: string, context: string): Buffer;
}

/** What is presented (a token, a cookie, a code) is looked up by its hash alone. */
export const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();

/**
 * Fields that hold something which could be presented. An interaction is resumed under an address that contains its own id;
 * a device code is found by its user code, too, and then saved under its own id again.
 */
const sealedFields: Readonly<Record<string, readonly string[]>> = {
  Interaction: ['returnTo', 'deviceCode', 'parJti'],
  DeviceCode: ['jti', 'userCode'],
};

/** What may lie in the database: without the id itself, and with the ids of other artifacts encrypted, bound to this row. */
export function toStored(
  model: string,
  id: string,
  payload: AdapterPayload,
  sealer: Sealer,
): Record<string, unknown> {
  const { jti: _presented, ...rest } = payload;
  const stored: Record<string, unknown> = rest;
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
export function fromStored(
  model: string,
  row: { id_hash: Buffer; payload: AdapterPayload; consumed_at: Date | null },
  sealer: Sealer,
  id?: string,
): AdapterPayload {
  const payload: AdapterPayload & Record<string, unknown> = { ...row.payload };
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
export function accountOf(payload: AdapterPayload): string | null {
  return payload.accountId ?? payload.result?.login?.accountId ?? null;
}

const context = (field: string, idHash: Buffer): string => `oidc_artifact.${field}.${idHash.toString('hex')}`;
