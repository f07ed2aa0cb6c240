import { createHash } from 'node:crypto';
import { canonical } from './canonical.ts';
import type { AuditKeys } from './keys.ts';

/**
 * What a row of the audit log says, by its columns. `occurred_at` is in microseconds since 1970, for the database keeps no less.
 * A column that is null says nothing, so one that is added later changes no seal.
 */
export type EventColumns = Readonly<Record<SealedColumn | PersonalColumn, string | null>> & {
  readonly data: Readonly<Record<string, unknown>>;
};

/** The columns under the seal; `data` is there as well. Whoever adds a column that says something lists it here. */
export const sealedColumns = [
  'occurred_at',
  'type',
  'actor_kind',
  'actor_id',
  'actor_client_id',
  'client_id',
  'account_id',
  'request_id',
  'session_id',
  'on_behalf_of',
] as const;

/** Columns that go when the person goes, with `change` in `data`. */
export const personalColumns = ['ip', 'user_agent'] as const;

/** The member of `data` that goes with them. */
export const personalMember = 'change';

type SealedColumn = (typeof sealedColumns)[number];
type PersonalColumn = (typeof personalColumns)[number];

export interface Seal {
  /** What makes the personal part impossible to guess from its hash; removed together with it. */
  salt: Buffer;
  personalHash: Buffer;
  keyId: string;
  seal: Buffer;
}

/** Seals a row that is about to be written, with 16 fresh random bytes. */
export function sealEvent(keys: AuditKeys, event: EventColumns, salt: Buffer): Seal {
  const personalHash = hashPersonal(event, salt);
  const seal = macOf(keys, keys.current, event, personalHash);
  if (seal === undefined) throw new Error('the current key is not among the keys');
  return { salt, personalHash, keyId: keys.current, seal };
}

/** SHA-256 over the salt and the personal part. */
export function hashPersonal(event: EventColumns, salt: Buffer): Buffer {
  return createHash('sha256').update(salt).update(personalPart(event), 'utf8').digest();
}

/** Whether nothing personal is left in the row. */
export function isWithoutPersonal(event: EventColumns): boolean {
  return personalPart(event) === '{}';
}

/**
 * The seal that a row must have.
 *
 * @param personalHash null for rows that were there before there were seals: nothing holds their personal part
 * @returns undefined for a key that is not in the list
 */
export function macOf(
  keys: AuditKeys,
  keyId: string,
  event: EventColumns,
  personalHash: Buffer | null,
): Buffer | undefined {
  const { [personalMember]: _, ...data } = event.data;
  const said = pick(event, sealedColumns);
  const personal = personalHash === null ? {} : { personal_hash: personalHash.toString('hex') };
  return keys.mac(keyId, `event\n${canonical({ ...said, ...personal, data })}`);
}

function personalPart(event: EventColumns): string {
  return canonical({ ...pick(event, personalColumns), [personalMember]: event.data[personalMember] });
}

function pick(
  event: EventColumns,
  columns: readonly (SealedColumn | PersonalColumn)[],
): Record<string, string> {
  const said: Record<string, string> = {};
  for (const column of columns) {
    const value = event[column];
    if (value !== null) said[column] = value;
  }
  return said;
}
