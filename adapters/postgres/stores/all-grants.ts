import { AppError } from '../../../server/errors.ts';
import type { AllGrants, GrantQuery } from '../../../server/sessions/everybody.ts';
import type { Database } from '../connection/database.ts';
import { runSql } from '../connection/run-sql.ts';
import { type ConsentRow, type GrantRow, grantColumns, toApp } from './connected-apps.ts';

/** One client and one person. */
interface Pair {
  client_id: string;
  account_id: string;
}

/** Behind every text in the order of the database, which is that of bytes. */
const end = '\u{10ffff}';

/** @param own clients that are pages of this server: everybody has something with them, and they are stepped over */
export function makeAllGrants(database: Database, own: readonly string[]): AllGrants {
  return {
    async page(query) {
      const pairs = await findPairs(database, own, { ...query, limit: query.limit + 1 });
      const shown = pairs.slice(0, query.limit);
      const last = shown.at(-1);
      const isMore = pairs.length > query.limit && last !== undefined;
      const [consents, grants] = [await consentsOf(database, shown), await grantsOf(database, shown)];
      const ofPair = (pair: Pair) => (row: Pair) =>
        row.client_id === pair.client_id && row.account_id === pair.account_id;
      return {
        items: shown.map((pair) => ({
          ...toApp(pair.client_id, consents.find(ofPair(pair)), grants.filter(ofPair(pair))),
          accountId: pair.account_id,
        })),
        next: isMore ? `${last.client_id}\n${last.account_id}` : null,
      };
    },
  };
}

async function findPairs(database: Database, own: readonly string[], query: GrantQuery): Promise<Pair[]> {
  const { limit, accountId, clientId } = query;
  const [afterClient, afterPerson] = readPlace(query.after);
  if (clientId !== undefined && own.includes(clientId)) return [];
  if (clientId !== undefined) {
    const who = accountId === undefined ? 'account_id > ?' : 'account_id > ? and account_id = ?';
    const values = [clientId, afterPerson, ...(accountId === undefined ? [] : [accountId])];
    return runPairs(database, `client_id = ? and ${who}`, values, limit);
  }
  if (accountId !== undefined) {
    const condition = 'account_id = ? and client_id > ? and client_id <> all (?::text[])';
    return runPairs(database, condition, [accountId, afterClient, own], limit);
  }
  const found: Pair[] = [];
  let from = [afterClient, afterPerson];
  for (const stop of [...own.toSorted(), end]) {
    if (stop < afterClient) continue;
    const condition = '(client_id, account_id) > (?, ?) and client_id < ?';
    found.push(...(await runPairs(database, condition, [...from, stop], limit - found.length)));
    if (found.length >= limit) break;
    from = [stop, end];
  }
  return found;
}

/** Of what was agreed to and of what clients hold, each pair once, in the order of both. */
function runPairs(
  database: Database,
  condition: string,
  values: readonly unknown[],
  limit: number,
): Promise<Pair[]> {
  return runSql<Pair>(
    database,
    `select client_id, account_id from (
       (select client_id, account_id from consent where ${condition} order by client_id, account_id limit ?)
       union
       (select client_id, account_id from oidc_artifact where model = 'Grant' and expires_at > now() and ${condition}
        group by client_id, account_id order by client_id, account_id limit ?)
     ) pair order by client_id, account_id limit ?`,
    [...values, limit, ...values, limit, limit],
  );
}

const consentsOf = (database: Database, pairs: readonly Pair[]) =>
  runSql<ConsentRow & Pair>(
    database,
    `select consent.account_id, consent.client_id, agreed, granted_at, last_used_at
     from unnest(?::text[], ?::text[]) as pair (account_id, client_id) join consent using (account_id, client_id)`,
    columnsOf(pairs),
  );

const grantsOf = (database: Database, pairs: readonly Pair[]) =>
  runSql<GrantRow & Pair>(
    database,
    `select g.account_id, g.client_id, ${grantColumns}
     from unnest(?::text[], ?::text[]) as pair (account_id, client_id) join oidc_artifact g using (account_id, client_id)
     where g.model = 'Grant' and g.expires_at > now()`,
    columnsOf(pairs),
  );

const columnsOf = (pairs: readonly Pair[]) => [
  pairs.map(({ account_id: id }) => id),
  pairs.map(({ client_id: id }) => id),
];

function readPlace(place: string | undefined): [string, string] {
  if (place === undefined) return ['', ''];
  const [client, account, ...rest] = place.split('\n');
  if (client === undefined || account === undefined || rest.length > 0) throw new AppError('invalid_cursor');
  return [client, account];
}
