import type { AuditFilter, AuditQuery } from '../../../server/audit/audit-reader.ts';
import { decodePlace, placed } from './audit-place.ts';

/** A part of a statement, with its values. */
export interface Part {
  text: string;
  values: readonly unknown[];
}

/**
 * What an index is asked for: rows whose column has one of these values, each value on its own, so that the rows come in order
 * whichever it is.
 */
interface Driver {
  column: string;
  keys: readonly string[];
  /** Beyond the column, under the same index or not. */
  also?: Part;
}

const condition = (text: string, ...values: unknown[]): Part => ({ text, values });

/** Conditions on `e`, that part of the filter which no index was asked for. */
export function conditionsOf(filter: AuditFilter): Part[] {
  const { person, client, actor, types, requestId, ips, from, to } = filter;
  const parts: Part[] = [];
  if (person !== undefined)
    parts.push(
      condition(`(e.account_id = ? or (e.actor_id = ? and e.actor_kind = 'account'))`, person, person),
    );
  if (client !== undefined)
    parts.push(
      condition(`(e.client_id = ? or (e.actor_id = ? and e.actor_kind = 'client'))`, client, client),
    );
  if (actor !== undefined) parts.push(condition('e.actor_id = ?', actor));
  if (types !== undefined) parts.push(condition('e.type = any (?::text[])', types));
  if (requestId !== undefined) parts.push(condition('e.request_id = ?', requestId));
  if (ips !== undefined) parts.push(condition('e.ip = any (?::text[])', ips));
  if (from !== undefined) parts.push(condition('e.recorded_at >= ?', from));
  if (to !== undefined) parts.push(condition('e.recorded_at < ?', to));
  return parts;
}

/** By what the rows are found: what is likely to be rarest goes first. None: by time alone. */
export function driversOf({ person, client, actor, types, requestId, ips }: AuditFilter): Driver[] {
  if (requestId !== undefined) return [{ column: 'request_id', keys: [requestId] }];
  if (person !== undefined) return aboutOrBy('account_id', 'account', person);
  if (ips !== undefined) return [{ column: 'ip', keys: ips }];
  if (actor !== undefined) return [{ column: 'actor_id', keys: [actor] }];
  if (client !== undefined) return aboutOrBy('client_id', 'client', client);
  if (types !== undefined) return [{ column: 'type', keys: types }];
  return [];
}

/** What is about somebody, and what they did; what is both comes once. */
function aboutOrBy(column: string, kind: 'account' | 'client', id: string): Driver[] {
  const also = condition(`and e.actor_kind = '${kind}' and e.${column} is distinct from ?`, id);
  return [
    { column, keys: [id] },
    { column: 'actor_id', keys: [id], also },
  ];
}

/** The rows that are looked at for a page: at most `most`, in order, from its place on. */
export function rowsOf(query: AuditQuery, columns: string, most: number): Part {
  const { order, after, from, to } = query;
  const direction = order === 'newest' ? 'desc' : 'asc';
  const inOrder = `order by e.recorded_at ${direction}, e.id ${direction} limit ?`;
  const range = rangeOf({ order, after, from, to });
  const drivers = driversOf(query);
  if (drivers.length === 0)
    return {
      text: `select ${columns} from audit_event e where true ${range.text} ${inOrder}`,
      values: [...range.values, most],
    };
  const branches = drivers.map(
    ({ column, keys, also = condition('') }): Part => ({
      text: `select found.* from unnest(?::text[]) as key (value) cross join lateral (
        select ${columns} from audit_event e where e.${column} = key.value ${also.text} ${range.text} ${inOrder}
      ) found`,
      values: [keys, ...also.values, ...range.values, most],
    }),
  );
  return {
    text: `select * from (${branches.map(({ text }) => text).join(' union all ')}) e ${inOrder}`,
    values: [...branches.flatMap(({ values }) => values), most],
  };
}

function rangeOf({ order, after, from, to }: Pick<AuditQuery, 'order' | 'after' | 'from' | 'to'>): Part {
  const parts: Part[] = [];
  if (after !== undefined) {
    const { recordedAt, id } = decodePlace(after);
    const sign = order === 'newest' ? '<' : '>';
    parts.push(condition(`and (e.recorded_at, e.id) ${sign} (${placed}, ?::bigint)`, recordedAt, id));
    // The same once more: partitions are left out by it.
    parts.push(condition(`and e.recorded_at ${sign}= ${placed}`, recordedAt));
  }
  if (from !== undefined) parts.push(condition('and e.recorded_at >= ?', from));
  if (to !== undefined) parts.push(condition('and e.recorded_at < ?', to));
  return {
    text: parts.map(({ text }) => text).join(' '),
    values: parts.flatMap(({ values }) => values),
  };
}
