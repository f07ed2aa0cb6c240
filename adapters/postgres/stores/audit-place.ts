import { AppError } from '../../../server/errors.ts';

/**
 * A place in the order (recorded_at, id) of the audit log. The time is in whole microseconds since 1970, all that the database
 * keeps of it: a page begins at the very row.
 */
export interface AuditPlace {
  recordedAt: string;
  id: string;
}

export const encodePlace = ({ recordedAt, id }: AuditPlace): string => `${recordedAt}.${id}`;

/** @throws AppError invalid_cursor */
export function decodePlace(text: string): AuditPlace {
  const [, recordedAt, id] = /^(-?\d{1,18})\.(\d{1,18})$/.exec(text) ?? [];
  if (recordedAt === undefined || id === undefined) throw new AppError('invalid_cursor');
  return { recordedAt, id };
}

/** Microseconds of a column, as text. */
export const placeOf = (column: string): string => `(extract(epoch from ${column}) * 1000000)::bigint::text`;

/** The moment of a value that is in microseconds. */
export const placed = `timestamptz '1970-01-01 00:00:00+00' + ?::bigint * interval '1 microsecond'`;
