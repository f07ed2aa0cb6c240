import type { KeptAnswers } from '../../../server/requests/kept-answers.ts';
import type { Database } from '../connection/database.ts';
import { runSql } from '../connection/run-sql.ts';
import type { PayloadSealer } from './outbox.ts';

const contextOf = (hash: Buffer): string => `kept_answer/${hash.toString('hex')}`;

/** Answers as rows. The row decides who is first; the lock only says so without waiting for a transaction that has not ended. */
export function makeKeptAnswers(database: Database, sealer: PayloadSealer) {
  return {
    async claim(requestHash, now, until) {
      const claimed = await runSql(
        database,
        `with free as materialized (select pg_try_advisory_xact_lock(?) as locked)
         insert into kept_answer as present (request_hash, expires_at)
         select ?::bytea, ?::timestamptz from free where locked
         on conflict (request_hash) do update set expires_at = excluded.expires_at, answer_encrypted = null
         where present.expires_at <= ?
         returning 1`,
        [requestHash.readBigInt64BE().toString(), requestHash, until, now],
      );
      if (claimed.length === 1) return { kind: 'ours' };
      const [row] = await runSql<{ answer_encrypted: string | null }>(
        database,
        'select answer_encrypted from kept_answer where request_hash = ?',
        [requestHash],
      );
      if (row === undefined || row.answer_encrypted === null) return { kind: 'busy' };
      return { kind: 'answered', answer: sealer.open(row.answer_encrypted, contextOf(requestHash)) };
    },

    async keep(requestHash, answer) {
      await runSql(database, 'update kept_answer set answer_encrypted = ? where request_hash = ?', [
        sealer.seal(answer, contextOf(requestHash)),
        requestHash,
      ]);
    },

    /** Removes what is over. Returns how many. */
    async forgetOld(now: Date, most: number): Promise<number> {
      const rows = await runSql(
        database,
        `delete from kept_answer where request_hash = any (array(
           select request_hash from kept_answer where expires_at <= ?
           order by expires_at limit ? for update skip locked
         )) returning 1`,
        [now, most],
      );
      return rows.length;
    },
  } satisfies KeptAnswers & Record<string, unknown>;
}
