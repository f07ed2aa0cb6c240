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

/**
 * The row of audit_event that another row, called by this name, has the id and time of. With the limit it is looked up by its
 * key whatever the planner thinks: reading the whole log for each page would be its choice where it does not know how long pages are.
 */
export const rowOf = (name: string, id = 'event_id'): string =>
  `lateral (select * from audit_event x where x.id = ${name}.${id} and x.recorded_at = ${name}.recorded_at limit 1) e on true`;

/** What is under the seal or goes with the person, of a row of audit_event that is called `e`. */
export const saidColumns = [...sealedColumns, ...personalColumns]
  .map((column) => (column === 'occurred_at' ? `${micros('e.occurred_at')} as occurred_at` : `e.${column}`))
  .concat('e.data')
  .join(', ');

export type SaidRow = EventColumns;
