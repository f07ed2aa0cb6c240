import type { AdminLinkStore } from '../../../server/accounts/admin-link-store.ts';
import type { Database } from '../connection/database.ts';

export function makeAdminLinkStore(database: Database): AdminLinkStore {
  return {
    // The table holds one row at most, so the newest link takes the place of every other.
    async replace(tokenHash, expiresAt) {
      await database
        .current()('admin_link')
        .insert({ only_one: true, token_hash: tokenHash, expires_at: expiresAt })
        .onConflict('only_one')
        .merge(['token_hash', 'expires_at']);
    },

    async isLive(tokenHash, now) {
      const row: unknown = await database
        .current()('admin_link')
        .where('token_hash', tokenHash)
        .where('expires_at', '>', now)
        .first('only_one');
      return row !== undefined;
    },

    async consume(tokenHash, now) {
      const deleted = await database
        .current()('admin_link')
        .where('token_hash', tokenHash)
        .where('expires_at', '>', now)
        .delete(['only_one']);
      return deleted.length === 1;
    },
  };
}
