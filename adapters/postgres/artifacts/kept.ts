import type { NewArtifact, Sql } from './row.ts';

/** A row as a request has read it. */
export interface Seen {
  model: string;
  idHash: Buffer;
  /** JSON, as it was before the engine has changed anything. */
  payload: string;
}

/** What is read, changed and saved again, and must not come back when it was ended, nor undo what others did to it. */
const keptModels: readonly string[] = ['Grant', 'Interaction', 'DeviceCode'];

export const isKept = (model: string): boolean => keptModels.includes(model);

const asItWas = `model = ? and id_hash = ? and payload = ?::jsonb and consumed_at is null
  and (expires_at is null or expires_at > now())`;

const valuesOf = ({ model, idHash, payload }: Seen): unknown[] => [model, idHash, payload];

/** Finds and locks the row if it still is as it was read. */
export function lockKept(seen: Seen): Sql {
  return { text: `select 1 from oidc_artifact where ${asItWas} for update`, values: valuesOf(seen) };
}

/**
 * Saves the row if it still is as it was read.
 *
 * @param condition SQL without values; where it is false, nothing is written
 */
export function keepRow(row: NewArtifact, seen: Seen, condition = 'true'): Sql {
  return {
    text: `update oidc_artifact set payload = ?, grant_id = ?, account_id = ?, expires_at = to_timestamp(?::float8)
      where ${asItWas} and ${condition} returning 1`,
    values: [row.payload, row.grantId, row.accountId, row.expiresAt, ...valuesOf(seen)],
  };
}
