import type { Database } from '../connection/database.ts';
import { runSql } from '../connection/run-sql.ts';
import { sha256 } from './payload.ts';
import type { Sql } from './row.ts';

/** From where a request comes. */
export interface Origin {
  ip?: string | undefined;
  userAgent?: string | undefined;
}

/** A session that is in use, beyond what the engine keeps of it. */
export interface SeenSession {
  uidHash: Buffer;
  accountId: string;
  origin: Origin;
}

/** Longer ones are cut: they are for people to recognize. */
const longestUserAgent = 512;

/**
 * Notes that the session is in use: once a minute at most, or when somebody else has signed in.
 *
 * @param condition SQL without values; where it is false, nothing is written
 */
export function noteSeen({ uidHash, accountId, origin }: SeenSession, condition = 'true'): Sql {
  return {
    text: `insert into session_detail as known (uid_hash, account_id, ip, user_agent, first_seen_at, last_seen_at)
      select ?::bytea, ?::text, ?::text, ?::text, now(), now() where ${condition}
      on conflict (uid_hash) do update set account_id = excluded.account_id, ip = excluded.ip,
        user_agent = excluded.user_agent, last_seen_at = excluded.last_seen_at
      where known.last_seen_at < excluded.last_seen_at - interval '1 minute' or known.account_id <> excluded.account_id`,
    values: [uidHash, accountId, origin.ip ?? null, origin.userAgent?.slice(0, longestUserAgent) ?? null],
  };
}

export interface SessionUse {
  /** The engine's uid of the session. */
  uid: string;
  accountId: string;
  /** Until when the session lasts if it is not used again. */
  until: Date;
  origin: Origin;
}

/** What pages of our own leave with a session, and what is left behind of sessions that have ended. */
export function makeSessionUse(database: Database) {
  return {
    /** Puts off the end of a session that is there; one statement. */
    async note({ uid, accountId, until, origin }: SessionUse): Promise<void> {
      const uidHash = sha256(uid);
      const seen = noteSeen({ uidHash, accountId, origin }, 'exists (select from kept)');
      await runSql(
        database,
        `with kept as (
           update oidc_artifact set expires_at = greatest(expires_at, ?::timestamptz)
           where model = 'Session' and uid_hash = ? and account_id = ? and expires_at > now() returning 1
         ) ${seen.text}`,
        [until, uidHash, accountId, ...seen.values],
      );
    },

    /** Removes details of sessions that were last used so many seconds ago that they are over; at most `most`. */
    async forgetOld(seconds: number, most: number): Promise<number> {
      const rows = await runSql(
        database,
        `delete from session_detail where uid_hash = any (array(
           select uid_hash from session_detail where last_seen_at < now() - make_interval(secs => ?)
           order by last_seen_at limit ? for update skip locked
         )) returning 1`,
        [seconds, most],
      );
      return rows.length;
    },
  };
}
