import type { Database } from '../connection/database.ts';
import { runSql } from '../connection/run-sql.ts';

/** Removes what is over of failed sign-ins; see server/process/janitor.ts. Each at most `most` rows; returns how many. */
export function makeLockoutSweep(database: Database) {
  const sweep = async (statement: string, values: readonly unknown[]): Promise<number> =>
    (await runSql(database, statement, values)).length;

  return {
    /** Counters of names that no account has, a day after the last attempt. */
    forgetUnknownNames: (most: number) =>
      sweep(
        `delete from sign_in_counter where subject = any (array(
           select subject from sign_in_counter where account_id is null and last_at < now() - interval '1 day'
           order by last_at limit ? for update skip locked
         )) returning 1`,
        [most],
      ),

    /** Failures that are too old to count against a network. */
    forgetFailures: (window: number, most: number) =>
      sweep(
        `delete from failed_sign_in where attempt = any (array(
           select attempt from failed_sign_in where at < now() - make_interval(secs => ?)
           order by at limit ? for update skip locked
         )) returning 1`,
        [window, most],
      ),

    /** Devices that have not signed in for a year, as long as their cookie lasts, with their counters. */
    forgetDevices: (most: number) =>
      sweep(
        `with gone as (
           delete from known_device where id = any (array(
             select id from known_device where last_seen_at < now() - interval '366 days'
             order by last_seen_at limit ? for update skip locked
           )) returning id
         ), uncounted as (
           delete from sign_in_counter where subject = any (array(select 'device ' || id from gone))
         )
         select 1 from gone`,
        [most],
      ),

    /** Events that have ended. */
    forgetAlarms: (most: number) =>
      sweep(
        `delete from sign_in_alarm where subject = any (array(
           select subject from sign_in_alarm where until < now() order by until limit ? for update skip locked
         )) returning 1`,
        [most],
      ),
  };
}
