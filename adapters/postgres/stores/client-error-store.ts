import type {
  ClientError,
  ClientErrorQuery,
  ClientErrorStore,
  Sample,
} from '../../../server/clients/refusals/client-error.ts';
import { AppError } from '../../../server/errors.ts';
import type { Database } from '../connection/database.ts';
import { runSql } from '../connection/run-sql.ts';

interface Row {
  id: string;
  client_id: string | null;
  code: ClientError['code'];
  endpoint: string;
  error: string;
  collective: boolean;
  facts: ClientError['facts'];
  times: string;
  first_seen_at: Date;
  last_seen_at: Date;
  samples: { at: string; request_id: string | null; facts: Sample['facts'] }[];
}

const columns = [
  'id',
  'client_id',
  'code',
  'endpoint',
  'error',
  'collective',
  'facts',
  'times',
  'first_seen_at',
  'last_seen_at',
  'samples',
] as const;

/** @param keptSamples how many of each are kept */
export function makeClientErrorStore(database: Database, keptSamples: number): ClientErrorStore {
  return {
    async add(errors) {
      if (errors.length === 0) return;
      // Always in the same order: two processes that write the same rows must not wait for each other.
      const rows = errors.toSorted((one, other) => (one.id < other.id ? -1 : 1)).map(toJson);
      await runSql(
        database,
        `insert into client_error (${columns.join(', ')})
         select ${columns.join(', ')} from jsonb_to_recordset(?::jsonb) as noted (id text, client_id text, code text,
           endpoint text, error text, collective boolean, facts jsonb, times bigint, first_seen_at timestamptz,
           last_seen_at timestamptz, samples jsonb)
         on conflict (id) do update set times = client_error.times + excluded.times,
           first_seen_at = least(client_error.first_seen_at, excluded.first_seen_at),
           last_seen_at = greatest(client_error.last_seen_at, excluded.last_seen_at),
           samples = jsonb_path_query_array(case when excluded.last_seen_at >= client_error.last_seen_at
             then excluded.samples || client_error.samples else client_error.samples || excluded.samples end,
             '$[0 to ${keptSamples - 1}]')`,
        [JSON.stringify(rows)],
      );
    },

    async find(id) {
      const row: Row | undefined = await database
        .current()('client_error')
        .where({ id })
        .first([...columns]);
      return row && toError(row);
    },

    async list({ limit, after, ...filter }) {
      const query = database
        .current()('client_error')
        .select([...columns]);
      narrow(query, filter);
      if (after !== undefined) void query.whereRaw('(first_seen_at, id) < (?, ?)', decodePlace(after));
      const rows: Row[] = await query
        .orderBy('first_seen_at', 'desc')
        .orderBy('id', 'desc')
        .limit(limit + 1);
      const items = rows.slice(0, limit).map(toError);
      const last = items.at(-1);
      return { items, next: rows.length > limit && last !== undefined ? encodePlace(last) : null };
    },

    async forgetOld(before, most) {
      const rows = await runSql(
        database,
        `delete from client_error where id = any (array(
           select id from client_error where first_seen_at < ? order by first_seen_at limit ? for update skip locked
         )) returning 1`,
        [before, most],
      );
      return rows.length;
    },
  };
}

type Select = ReturnType<ReturnType<Database['current']>['select']>;

function narrow(query: Select, filter: Omit<ClientErrorQuery, 'limit' | 'after'>): void {
  const { clientId, code, endpoint, since, until, ids, requestId } = filter;
  if (clientId === null) void query.whereNull('client_id');
  else if (clientId !== undefined) void query.where({ client_id: clientId });
  if (code !== undefined) void query.where({ code });
  if (endpoint !== undefined) void query.where({ endpoint });
  if (since !== undefined) void query.where('last_seen_at', '>=', since);
  if (until !== undefined) void query.where('first_seen_at', '<', until);
  if (ids !== undefined) void query.whereRaw('id = any (?)', [[...ids]]);
  if (requestId !== undefined)
    void query.whereRaw('samples @> ?::jsonb', [JSON.stringify([{ request_id: requestId }])]);
}

const toJson = (error: ClientError): unknown => ({
  id: error.id,
  client_id: error.clientId,
  code: error.code,
  endpoint: error.endpoint,
  error: error.error,
  collective: error.isCollective,
  facts: error.facts,
  times: error.count,
  first_seen_at: error.firstSeenAt,
  last_seen_at: error.lastSeenAt,
  samples: error.samples.map(({ at, requestId, facts }) => ({ at, request_id: requestId, facts })),
});

const toError = (row: Row): ClientError => ({
  id: row.id,
  clientId: row.client_id,
  code: row.code,
  endpoint: row.endpoint,
  error: row.error,
  isCollective: row.collective,
  facts: row.facts,
  count: Number(row.times),
  firstSeenAt: row.first_seen_at,
  lastSeenAt: row.last_seen_at,
  samples: row.samples.map(({ at, request_id: requestId, facts }) => ({
    at: new Date(at),
    requestId,
    facts,
  })),
});

const encodePlace = ({ firstSeenAt, id }: ClientError): string =>
  Buffer.from(`${firstSeenAt.getTime()}.${id}`).toString('base64url');

function decodePlace(place: string): [Date, string] {
  const [, time, id] =
    /^(\d{1,15})\.([\w-]{1,64})$/.exec(Buffer.from(place, 'base64url').toString('utf8')) ?? [];
  if (time === undefined || id === undefined) throw new AppError('invalid_cursor');
  return [new Date(Number(time)), id];
}
