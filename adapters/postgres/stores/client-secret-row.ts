import type { ClientSecret } from '../../../server/clients/client.ts';
import type { Database } from '../connection/database.ts';

/** Writes a secret of a client; its hash, never itself. */
export async function insertClientSecret(database: Database, secret: ClientSecret): Promise<void> {
  await database.current()('client_secret').insert({
    id: secret.id,
    client_id: secret.clientId,
    hash: secret.hash,
    created_at: secret.createdAt,
    expires_at: secret.expiresAt,
    last_used_at: secret.lastUsedAt,
    description: secret.description,
  });
}
