import type { Client, ClientSecret } from '../../../server/clients/client.ts';
import type { ClientSecretStore } from '../../../server/clients/secrets/secret-store.ts';
import type { Database } from '../connection/database.ts';
import { runSql } from '../connection/run-sql.ts';
import { type ClientRow, clientColumns, toClient } from './client-row.ts';
import { insertClientSecret } from './client-secret-row.ts';
import { pageAfter, toPage } from './paging.ts';

interface SecretRow {
  id: string;
  client_id: string;
  hash: string;
  created_at: Date;
  expires_at: Date | null;
  last_used_at: Date | null;
  description: string | null;
}

const columns = ['id', 'client_id', 'hash', 'created_at', 'expires_at', 'last_used_at', 'description'];

export function makeClientSecretStore(database: Database): ClientSecretStore {
  return {
    async list(clientId, { limit, after }) {
      const select = database.current()('client_secret').select(columns).where({ client_id: clientId });
      pageAfter(select, after, limit);
      const rows: SecretRow[] = await select;
      return toPage(rows.map(toSecret), limit);
    },

    async find(clientId, id) {
      const row: SecretRow | undefined = await database
        .current()('client_secret')
        .where({ client_id: clientId, id })
        .first(columns);
      return row && toSecret(row);
    },

    // The client's row stands for its secrets; whoever comes second sees with the next statement what the first one did.
    async hold(clientId) {
      const [row] = await runSql<ClientRow>(
        database,
        `select ${clientColumns.join(', ')} from client where id = ? for no key update`,
        [clientId],
      );
      if (row === undefined) return undefined;
      const client: Client = toClient(row);
      const rows = await runSql<SecretRow>(
        database,
        `select ${columns.join(', ')} from client_secret where client_id = ? order by created_at, id`,
        [clientId],
      );
      return { client, secrets: rows.map(toSecret) };
    },

    insert: (secret) => insertClientSecret(database, secret),

    async update({ id, clientId, expiresAt, description }) {
      await database
        .current()('client_secret')
        .where({ client_id: clientId, id })
        .update({ expires_at: expiresAt, description });
    },

    async delete(clientId, ids) {
      await database.current()('client_secret').where({ client_id: clientId }).whereIn('id', ids).delete();
    },

    // Several processes see the same secret: each minute the first one writes. No process reads it again because of this
    // (migrations/0005_change_marks.ts).
    async noteUses(uses) {
      const sorted = uses.toSorted((a, b) => (a.secretId < b.secretId ? -1 : 1));
      await runSql(
        database,
        `update client_secret set last_used_at = used.at from unnest(?::text[], ?::timestamptz[]) as used (id, at)
         where client_secret.id = used.id and (last_used_at is null or last_used_at < used.at - interval '50 seconds')`,
        [sorted.map(({ secretId }) => secretId), sorted.map(({ at }) => at)],
      );
    },
  };
}

function toSecret(row: SecretRow): ClientSecret {
  return {
    id: row.id,
    clientId: row.client_id,
    hash: row.hash,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at,
    description: row.description,
  };
}
