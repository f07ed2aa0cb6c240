import type { MailAllowance } from '../../../server/outbox/mail-allowance.ts';
import type { Database } from '../connection/database.ts';
import { runSql } from '../connection/run-sql.ts';

/** The times of the last mails, an array for each key: at most five, so a row never grows. */
export function makeMailAllowance(database: Database) {
  return {
    async take(key, now) {
      const rows = await runSql(
        database,
        `insert into mail_allowance as present (key_hash, sent_at, last_at) values (?, array[?::timestamptz], ?)
         on conflict (key_hash) do update set last_at = excluded.last_at,
           sent_at = excluded.sent_at || array(
             select at from unnest(present.sent_at) as at where at > excluded.last_at - interval '1 hour'
           )
         where present.last_at <= excluded.last_at - interval '2 minutes'
           and (select count(*) from unnest(present.sent_at) as at where at > excluded.last_at - interval '1 hour') < 5
         returning 1`,
        [key, now, now],
      );
      return rows.length === 1;
    },

    /** Removes what is too old to count. Returns how many. */
    async forgetOld(now: Date, most: number): Promise<number> {
      const rows = await runSql(
        database,
        `delete from mail_allowance where key_hash = any (array(
           select key_hash from mail_allowance where last_at < ?::timestamptz - interval '1 hour'
           order by last_at limit ? for update skip locked
         )) returning 1`,
        [now, most],
      );
      return rows.length;
    },
  } satisfies MailAllowance & Record<string, unknown>;
}
