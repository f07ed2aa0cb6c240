import { isDeepStrictEqual } from 'node:util';
import type { NewArtifact, Sql } from './row.ts';

/** A session as a request has read it: `uidHash` stays, `idHash` is that of the cookie which this browser sent. */
export interface ReadSession {
  uidHash: Buffer;
  idHash: Buffer;
  /** JSON, as it was before the engine has changed anything. */
  payload: string;
}

type Fields = Record<string, unknown>;

/** What a request has changed in a session, apart from its cookie and its end. */
interface SessionChange {
  set: Fields;
  dropped: string[];
  /** What it did for clients, by their id. */
  clients: Fields;
  clientsLeft: string[];
  /** Grants that the session had for the clients for which it has others now. */
  replaced: { client: string; grant: string | null }[];
}

/**
 * Finds and locks the session if it is there, is nobody else's by now, and has the grants which this request takes others
 * for: of two tabs that begin a grant for one client only one does, so that the session knows all that hangs from it.
 */
export function lockSession(row: NewArtifact, read: ReadSession): Sql {
  const { replaced } = changeOf(row, read);
  // Each by itself: when the row has changed while it was waited for, PostgreSQL looks again at conditions on its columns, but
  // not at a join, which `not exists (select ... from unnest(...))` would be.
  const hasThem = replaced.map(
    () => `and a.payload #>> array['authorizations', ?::text, 'grantId'] is not distinct from ?::text`,
  );
  return {
    text: `select 1 from oidc_artifact a where a.model = 'Session' and a.uid_hash = ?
      and (a.expires_at is null or a.expires_at > now())
      and (?::text is null or a.account_id is null or a.account_id = ?) ${hasThem.join(' ')} for update`,
    values: [
      read.uidHash,
      row.accountId,
      row.accountId,
      ...replaced.flatMap(({ client, grant }) => [client, grant]),
    ],
  };
}

/**
 * Changes the session as this request has changed it, and nothing else: another tab may have changed the rest meanwhile. By
 * its uid, since another tab may have given it a new cookie, which then stays; `given` is true where this request has.
 *
 * @param condition SQL without values; where it is false, nothing is written
 */
export function keepSession(row: NewArtifact, read: ReadSession, condition = 'true'): Sql {
  const { set, dropped, clients, clientsLeft } = changeOf(row, read);
  const isNewCookie = !row.idHash.equals(read.idHash);
  return {
    text: `update oidc_artifact a set
        payload = (a.payload - ?::text[]) || ?::jsonb || case when ?::boolean then jsonb_build_object('authorizations',
          (coalesce(a.payload->'authorizations', '{}') - ?::text[]) || ?::jsonb) else '{}' end,
        account_id = coalesce(?, a.account_id), expires_at = to_timestamp(?::float8),
        id_hash = case when a.id_hash = ? then ? else a.id_hash end
      where a.model = 'Session' and a.uid_hash = ? and (a.expires_at is null or a.expires_at > now()) and ${condition}
      returning ?::boolean and a.id_hash = ? as given`,
    values: [
      dropped,
      JSON.stringify(set),
      clientsLeft.length + Object.keys(clients).length > 0,
      clientsLeft,
      JSON.stringify(clients),
      row.accountId,
      row.expiresAt,
      read.idHash,
      row.idHash,
      read.uidHash,
      isNewCookie,
      row.idHash,
    ],
  };
}

function changeOf(row: NewArtifact, read: ReadSession): SessionChange {
  const { authorizations: hadClients, ...had } = fieldsOf(JSON.parse(read.payload));
  const { authorizations: hasClients, ...has } = fieldsOf(JSON.parse(row.payload));
  const [before, after] = [fieldsOf(hadClients), fieldsOf(hasClients)];
  const clients = changed(before, after);
  const clientsLeft = missing(before, after);
  const replaced = [...Object.keys(clients), ...clientsLeft]
    .filter((client) => grantIn(before, client) !== grantIn(after, client))
    .map((client) => ({ client, grant: grantIn(before, client) }));
  return { set: changed(had, has), dropped: missing(had, has), clients, clientsLeft, replaced };
}

const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};

const changed = (before: Fields, after: Fields): Fields =>
  Object.fromEntries(
    Object.entries(after).filter(([name, value]) => !isDeepStrictEqual(value, before[name])),
  );

const missing = (before: Fields, after: Fields): string[] =>
  Object.keys(before).filter((name) => after[name] === undefined);

function grantIn(clients: Fields, client: string): string | null {
  const { grantId } = fieldsOf(clients[client]);
  return typeof grantId === 'string' ? grantId : null;
}
