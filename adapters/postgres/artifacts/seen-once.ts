import type { Database } from '../connection/database.ts';
import { runSql } from '../connection/run-sql.ts';
import { sha256 } from './payload.ts';

/**
 * Marks `id` as seen until `expiresAt`; false when it was seen before. One statement, so of two requests at once only
 * one gets true (the engine's own find-then-save lets both pass).
 *
 * @param expiresAt seconds since the epoch
 */
export function makeSeenOnce(database: Database) {
  return async (issuer: string, id: string, expiresAt: number): Promise<boolean> => {
    const rows = await runSql(
      database,
      `insert into used_identifier (id_hash, expires_at) values (?, to_timestamp(?))
       on conflict (id_hash) do update set expires_at = excluded.expires_at
       where used_identifier.expires_at <= now() returning 1`,
      [sha256(`${issuer}\n${id}`), expiresAt],
    );
    return rows.length === 1;
  };
}
