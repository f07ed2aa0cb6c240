import type { Knex } from 'knex';
import { foldLoginName } from '../../../server/accounts/account.ts';
import type { Client, ClientSecret } from '../../../server/clients/client.ts';
import { isAlive } from '../../../server/clients/secret.ts';
import type { ClientStore } from '../../../server/clients/store.ts';
import type { Clock } from '../../../server/clock.ts';
import type { Database } from '../connection/database.ts';
import { type ClientRow, clientColumns, toClient } from './client-row.ts';
import { insertClientSecret } from './client-secret-row.ts';
import { attemptWrite } from './constraints.ts';
import { pageAfter, pageByText, startsWith, toPage, toPageByText } from './paging.ts';

interface ClientWithSecretRow extends ClientRow {
  token_ref: string;
  /** Moments are milliseconds since 1970. */
  roles: { name: string; ends: number | null }[];
  secret_id: string | null;
  secret_hash: string;
  secret_created_at: Date;
  secret_expires_at: Date | null;
  secret_last_used_at: Date | null;
  secret_description: string | null;
}

/** @param clock tells which secrets have expired */
export function makeClientStore(database: Database, clock: Clock): ClientStore {
  return {
    async find(id) {
      const row: ClientRow | undefined = await database
        .current()('client')
        .where({ id })
        .first(...clientColumns);
      return row && toClient(row);
    },

    async findWithSecrets(id) {
      const rows: ClientWithSecretRow[] = await selectWithSecrets(database.current(), id);
      const [first] = rows;
      if (first === undefined) return undefined;
      const now = clock.now();
      const { alive = [], expired = [] } = Object.groupBy(rows.flatMap(toSecret), (secret) =>
        isAlive(secret, now) ? 'alive' : 'expired',
      );
      return {
        client: toClient(first),
        secrets: alive,
        expired,
        tokenRef: first.token_ref,
        roles: first.roles.map(toHeldRole),
      };
    },

    async list({ limit, after, search, order, createdFrom, createdBefore }) {
      const select = database.current()('client').select(clientColumns);
      if (search !== undefined) {
        const start = startsWith(foldLoginName(search));
        void select.where((either) => {
          void either.whereLike('search_name', start).orWhereRaw('lower(id) like ?', [start]);
        });
      }
      if (createdFrom !== undefined) void select.where('created_at', '>=', createdFrom);
      if (createdBefore !== undefined) void select.where('created_at', '<', createdBefore);
      const { by, descending } = order ?? { by: 'created_at', descending: false };
      if (by === 'client_name') {
        pageByText(select, ['search_name', 'id'], { after, limit, descending });
        const rows: (ClientRow & { search_name: string })[] = await select.select('search_name');
        return toPageByText(rows, limit, (row) => [row.search_name, row.id], toClient);
      }
      pageAfter(select, after, limit, descending);
      const rows: ClientRow[] = await select;
      return toPage(rows.map(toClient), limit);
    },

    insert: (client) =>
      attemptWrite(database, ['client_id_taken'], async (db) => {
        await db('client').insert({
          id: client.id,
          ...changeableColumns(client),
          built_in: client.builtIn,
          created_at: client.createdAt,
          version: client.version,
        });
        return { kind: 'written' } as const;
      }),

    async update(client, expectedVersion) {
      const { metadata, search_name: searchName, updated_at: updatedAt } = changeableColumns(client);
      const { rows } = await database.current().raw<{ rows: { written: boolean; present: boolean }[] }>(
        `with present as (
          select id from client where id = ?
        ), written as (
          update client set metadata = ?, search_name = ?, updated_at = ?, version = version + 1
          where id = ? and version = ? returning id
        )
        select exists (select from written) as written, exists (select from present) as present`,
        [client.id, metadata, searchName, updatedAt, client.id, expectedVersion],
      );
      if (rows[0]?.written) return { kind: 'written' };
      return { kind: rows[0]?.present ? 'stale' : 'missing' };
    },

    /** The secrets go by their foreign key; what the engine has issued carries the client's id in a column. */
    async delete(id, expectedVersion) {
      const { rows } = await database.current().raw<{ rows: unknown[] }>(
        `with gone as (
          delete from client where id = ? and version = coalesce(?, version) returning id
        ), short as (
          delete from short_lived_artifact using gone where short_lived_artifact.client_id = gone.id
        ), ended as (
          delete from oidc_artifact using gone where oidc_artifact.client_id = gone.id
        )
        select id from gone`,
        [id, expectedVersion ?? null],
      );
      return rows.length === 1;
    },

    insertSecret: (secret) => insertClientSecret(database, secret),

    async deleteSecrets(clientId) {
      await database.current()('client_secret').where({ client_id: clientId }).delete();
    },
  };
}

const rolesOfClient = `coalesce((
    select json_agg(json_build_object('name', role_name, 'ends', extract(epoch from expires_at) * 1000) order by role_name)
    from client_role where client_role.client_id = client.id
  ), '[]') as roles`;

function selectWithSecrets(db: Knex, id: string): Knex.QueryBuilder {
  return db('client')
    .leftJoin('client_secret as secret', 'secret.client_id', 'client.id')
    .where('client.id', id)
    .orderBy('secret.created_at')
    .select(
      ...clientColumns,
      'client.token_ref',
      db.raw(rolesOfClient),
      'secret.id as secret_id',
      'secret.hash as secret_hash',
      'secret.created_at as secret_created_at',
      'secret.expires_at as secret_expires_at',
      'secret.last_used_at as secret_last_used_at',
      'secret.description as secret_description',
    );
}

function changeableColumns({ metadata, updatedAt }: Client) {
  return {
    metadata: JSON.stringify(metadata),
    search_name: foldLoginName(metadata.client_name ?? ''),
    updated_at: updatedAt,
  };
}

const toHeldRole = ({ name, ends }: { name: string; ends: number | null }) => ({
  name,
  expiresAt: ends === null ? null : new Date(ends),
});

function toSecret(row: ClientWithSecretRow): ClientSecret[] {
  if (row.secret_id === null) return [];
  return [
    {
      id: row.secret_id,
      clientId: row.id,
      hash: row.secret_hash,
      createdAt: row.secret_created_at,
      expiresAt: row.secret_expires_at,
      lastUsedAt: row.secret_last_used_at,
      description: row.secret_description,
    },
  ];
}
