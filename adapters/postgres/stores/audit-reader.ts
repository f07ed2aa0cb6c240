import type { AuditFilter, AuditQuery, AuditReader } from '../../../server/audit/audit-reader.ts';
import type { Database } from '../connection/database.ts';
import { runSql } from '../connection/run-sql.ts';
import { encodePlace, placeOf } from './audit-place.ts';
import { conditionsOf, driversOf, rowsOf } from './audit-query.ts';
import { type RecordRow, recordColumns, toRecord } from './audit-record-row.ts';

/** Rows that are looked at for one page where an index finds more than what fits. */
const mostLooked = 2000;

const columns = `${recordColumns}, e.recorded_at`;

/** Where a row is in the chain, if it is there yet: never before it was recorded. */
const sequenceOf = (row: string): string =>
  `(select c.seq from audit_chain c where c.event_id = ${row}.id and c.chained_at >= ${row}.recorded_at)`;

interface PageRow extends RecordRow {
  place: string;
  looked: number;
  last_at: string | null;
  last_id: string | null;
}

export function makeAuditReader(database: Database): AuditReader {
  return {
    async find(id) {
      const [row] = await runSql<RecordRow>(
        database,
        `select ${recordColumns}, ${sequenceOf('e')} as seq from audit_event e where e.id = ?::bigint`,
        [id],
      );
      return row && toRecord(row);
    },

    async page(query) {
      const { limit, order } = query;
      const conditions = conditionsOf(query);
      const most = isExact(query) ? limit + 1 : mostLooked;
      const rows = rowsOf(query, columns, most);
      const direction = order === 'newest' ? 'desc' : 'asc';
      const fitting = conditions.length === 0 ? 'true' : conditions.map(({ text }) => text).join(' and ');
      const found = await runSql<PageRow>(
        database,
        `with looked as materialized (${rows.text}),
         last as (
           select (select count(*) from looked)::int as looked, ${placeOf('recorded_at')} as last_at, id::text as last_id
           from looked order by looked.recorded_at ${reverse(direction)}, looked.id ${reverse(direction)} limit 1
         ),
         page as (
           select * from looked e where ${fitting} order by e.recorded_at ${direction}, e.id ${direction} limit ?
         )
         select last.*, page.*, ${placeOf('page.recorded_at')} as place, ${sequenceOf('page')} as seq
         from last left join page on true order by page.recorded_at ${direction}, page.id ${direction}`,
        [...rows.values, ...conditions.flatMap(({ values }) => values), limit + 1],
      );
      return toPage(found, limit, most);
    },

    async chained(filter, after, most) {
      const conditions = conditionsOf(filter);
      const fitting = ['true', ...conditions.map(({ text }) => text)].join(' and ');
      const found = await runSql<RecordRow & { last: string | null }>(
        database,
        `with looked as materialized (
           select c.seq, c.event_id, c.recorded_at from audit_chain c where c.seq > ? order by c.seq limit ?
         )
         select last.seq as last, fit.* from (select max(seq) as seq from looked) last
         left join lateral (
           select ${recordColumns}, looked.seq from looked
           join audit_event e on e.id = looked.event_id and e.recorded_at = looked.recorded_at
           where ${fitting}
         ) fit on true order by fit.seq`,
        [after, most, ...conditions.flatMap(({ values }) => values)],
      );
      const last = found[0]?.last ?? null;
      const items = found
        .map(toRecord)
        .flatMap((record) => (record.sequence === null ? [] : [{ ...record, sequence: record.sequence }]));
      return { items, last: last === null ? null : Number(last) };
    },
  };
}

/** Whether everything that an index finds fits, but for what comes twice. */
function isExact(query: AuditQuery): boolean {
  const { from: _from, to: _to, ...keys }: AuditFilter = query;
  const asked = [keys.person, keys.client, keys.actor, keys.types, keys.requestId, keys.ips];
  return asked.filter((key) => key !== undefined).length <= (driversOf(query).length === 0 ? 0 : 1);
}

function toPage(rows: PageRow[], limit: number, most: number): Awaited<ReturnType<AuditReader['page']>> {
  const [first] = rows;
  if (first === undefined) return { items: [], next: null };
  const fitting = rows.filter(({ place }) => place !== null);
  const items = fitting.slice(0, limit).map(toRecord);
  const last = fitting[limit - 1];
  if (fitting.length > limit && last !== undefined)
    return { items, next: encodePlace({ recordedAt: last.place, id: last.id }) };
  const { looked, last_at: recordedAt, last_id: id } = first;
  const isEnd = looked < most || recordedAt === null || id === null;
  return { items, next: isEnd ? null : encodePlace({ recordedAt, id }) };
}

const reverse = (direction: 'asc' | 'desc') => (direction === 'asc' ? 'desc' : 'asc');
