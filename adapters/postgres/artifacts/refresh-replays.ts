import type { Database } from '../connection/database.ts';
import { runSql } from '../connection/run-sql.ts';
import { endFamily } from './family.ts';
import { sha256 } from './payload.ts';

/** Stored answers of used refresh tokens; the port is in server/oidc/refresh-replay.ts. */
export function makeRefreshReplays(database: Database) {
  return {
    /** The answer that this token got `window` seconds ago at most, unless what it brought has been used since. */
    async find(token: string, window: number): Promise<{ answer: string; fingerprint: Buffer } | undefined> {
      const rows = await runSql<{ replay_answer: string; replay_fingerprint: Buffer }>(
        database,
        `select used.replay_answer, used.replay_fingerprint from oidc_artifact used
         cross join lateral (
           select 1 from oidc_artifact
           where model = 'RefreshToken' and id_hash = used.successor_hash and consumed_at is null limit 1
         ) successor
         where used.model = 'RefreshToken' and used.id_hash = ? and used.replay_answer is not null
           and used.consumed_at > now() - make_interval(secs => ?)`,
        [sha256(token), window],
      );
      return rows[0] && { answer: rows[0].replay_answer, fingerprint: rows[0].replay_fingerprint };
    },

    /** Ends everything that hangs from a code or token that was used twice. */
    endFamily: (model: 'AuthorizationCode' | 'RefreshToken' | 'DeviceCode', token: string) =>
      endFamily(database, model, token),

    /** Forgets answers whose window is over; at most `most` rows, so that nobody waits for it. Returns how many. */
    async forgetOld(window: number, most: number): Promise<number> {
      const rows = await runSql(
        database,
        `update oidc_artifact set replay_answer = null, replay_fingerprint = null where (model, id_hash) in (
           select model, id_hash from oidc_artifact where replay_answer is not null
             and consumed_at <= now() - make_interval(secs => ?) limit ? for update skip locked
         ) returning 1`,
        [window, most],
      );
      return rows.length;
    },
  };
}
