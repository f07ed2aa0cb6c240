import {
  type EventColumns,
  personalColumns,
  sealedColumns,
} from '../../../server/audit/chain/sealed-event.ts';

/** A moment in whole microseconds since 1970: all that the database keeps of it. */
export const micros = (column: string): string => `(extract(epoch from ${column}) * 1000000)::bigint::text`;

/** The other way. */
export const moment = (value: string): string =>
  `timestamptz '1970-01-01 00:00:00+00' + ${value} * interval '1 microsecond'`;

/** What is under the seal or goes with the person, of a row of audit_event that is called `e`. */
export const saidColumns = [...sealedColumns, ...personalColumns]
  .map((column) => (column === 'occurred_at' ? `${micros('e.occurred_at')} as occurred_at` : `e.${column}`))
  .concat('e.data')
  .join(', ');

export type SaidRow = EventColumns;
