import { AppError } from '../../../server/errors.ts';
import type { AllSessions, AnyonesSession, Page, SessionQuery } from '../../../server/sessions/everybody.ts';
import type { Database } from '../connection/database.ts';
import { runSql } from '../connection/run-sql.ts';
import { publicId, type SessionRow, sessionColumns, toSession } from './session-row.ts';

interface AnyonesRow extends SessionRow {
  account_id: string;
  /** Microseconds since 1970: more than a Date can hold. */
  began: string;
}

const columns = `${sessionColumns}, s.account_id, (extract(epoch from d.first_seen_at) * 1000000)::bigint::text as began`;
const isAlive = `s.model = 'Session' and s.account_id is not null and s.expires_at > now()`;

/** One by one, in the order of the details: a page needs few of them, whatever the planner thinks of its size. */
const itsSession = `cross join lateral (
       select s.uid_hash, s.payload, s.expires_at, s.account_id from oidc_artifact s
       where s.uid_hash = d.uid_hash and ${isAlive} limit 1
     ) s`;

/** People of a client whose sessions are looked at together, and how often in one page. */
const window = 100;
const mostWindows = 10;

export function makeAllSessions(database: Database): AllSessions {
  return {
    page: (query) =>
      query.clientId !== undefined && query.accountId === undefined
        ? pageOfClient(database, { ...query, clientId: query.clientId })
        : pageByBeginning(database, query),

    async find(id) {
      const [row] = await runSql<AnyonesRow>(
        database,
        `select ${columns} from session_detail d join oidc_artifact s on s.uid_hash = d.uid_hash and ${isAlive}
         where ${publicId('d')} = ?`,
        [id],
      );
      return row && toAnyones(row);
    },
  };
}

async function pageByBeginning(database: Database, query: SessionQuery): Promise<Page<AnyonesSession>> {
  const { limit, after, accountId, clientId, since } = query;
  const conditions: string[] = [];
  const values: unknown[] = [];
  const add = (condition: string, ...more: unknown[]): void => {
    conditions.push(condition);
    values.push(...more);
  };
  if (after !== undefined) {
    const [began, hash] = readPlace(after, /^(\d{1,17})\.([\da-f]{64})$/);
    add(`(d.first_seen_at, d.uid_hash) > (timestamptz 'epoch' + ?::bigint * interval '1 microsecond', ?)`);
    values.push(began, Buffer.from(hash, 'hex'));
  }
  if (since !== undefined) add('d.first_seen_at >= ?', since);
  if (accountId !== undefined) add('d.account_id = ? and s.account_id = d.account_id', accountId);
  if (clientId !== undefined) add(signedInTo, clientId);
  const rows = await runSql<AnyonesRow>(
    database,
    `select ${columns} from session_detail d ${itsSession}
     ${conditions.length === 0 ? '' : `where ${conditions.join(' and ')}`}
     order by d.first_seen_at, d.uid_hash limit ?`,
    [...values, limit + 1],
  );
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  const next =
    rows.length > limit && last !== undefined ? `${last.began}.${last.uid_hash.toString('hex')}` : null;
  return { items: items.map(toAnyones), next };
}

const signedInTo = `s.payload #>> array['authorizations', ?::text, 'grantId'] is not null`;

/** From the grants of the client to its people, and from them to their sessions: nothing else is kept by client. */
async function pageOfClient(
  database: Database,
  { limit, after, clientId, since }: SessionQuery & { clientId: string },
): Promise<Page<AnyonesSession>> {
  const [from, fromHash] = after === undefined ? ['', ''] : readPlace(after, /^([^.]*)\.([\da-f]*)$/);
  let place: Place = { accountId: from, hash: Buffer.from(fromHash, 'hex') };
  const found: AnyonesRow[] = [];
  for (let round = 0; round < mostWindows; round += 1) {
    const accounts = await peopleOf(database, clientId, place.accountId);
    const rows = await sessionsOf(database, {
      accounts,
      clientId,
      since,
      place,
      limit: limit + 1 - found.length,
    });
    found.push(...rows);
    const lastPerson = accounts.at(-1);
    if (found.length > limit || accounts.length < window || lastPerson === undefined) {
      place = placeOf(found[limit - 1]) ?? place;
      const items = found.slice(0, limit).map(toAnyones);
      return { items, next: found.length > limit ? writePlace(place) : null };
    }
    // All of the last person's sessions were looked at; no hash is longer than this.
    place = { accountId: lastPerson, hash: endOfPerson };
  }
  return { items: found.map(toAnyones), next: writePlace(place) };
}

interface Place {
  accountId: string;
  hash: Buffer;
}

const endOfPerson = Buffer.alloc(33, 0xff);
const writePlace = ({ accountId, hash }: Place): string => `${accountId}.${hash.toString('hex')}`;
const placeOf = (row: AnyonesRow | undefined): Place | undefined =>
  row && { accountId: row.account_id, hash: row.uid_hash };

async function peopleOf(database: Database, clientId: string, from: string): Promise<string[]> {
  const rows = await runSql<{ account_id: string }>(
    database,
    `select account_id from oidc_artifact where model = 'Grant' and client_id = ? and account_id >= ?
     group by account_id order by account_id limit ?`,
    [clientId, from, window],
  );
  return rows.map(({ account_id: id }) => id);
}

function sessionsOf(
  database: Database,
  {
    accounts,
    clientId,
    since,
    place,
    limit,
  }: {
    accounts: readonly string[];
    clientId: string;
    since: Date | undefined;
    place: Place;
    limit: number;
  },
): Promise<AnyonesRow[]> {
  return runSql<AnyonesRow>(
    database,
    `select ${columns} from oidc_artifact s left join session_detail d on d.uid_hash = s.uid_hash
     where s.account_id = any (?::text[]) and ${isAlive} and ${signedInTo} and (s.account_id, s.uid_hash) > (?, ?)
       and (?::timestamptz is null or d.first_seen_at >= ?)
     order by s.account_id, s.uid_hash limit ?`,
    [accounts, clientId, place.accountId, place.hash, since ?? null, since ?? null, limit],
  );
}

function readPlace(place: string, form: RegExp): [string, string] {
  const [, first, second] = form.exec(place) ?? [];
  if (first === undefined || second === undefined) throw new AppError('invalid_cursor');
  return [first, second];
}

const toAnyones = (row: AnyonesRow): AnyonesSession => ({
  ...toSession(row, undefined),
  accountId: row.account_id,
});
