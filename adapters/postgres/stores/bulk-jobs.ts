import type { BulkJob, BulkJobs, BulkRow } from '../../../server/requests/bulk-jobs.ts';
import type { Database } from '../connection/database.ts';
import { runSql } from '../connection/run-sql.ts';
import type { PayloadSealer } from './outbox.ts';

interface JobRow {
  id: string;
  collection: BulkJob['collection'];
  sub: string;
  client_id: string;
  caller: BulkJob['caller'];
  is_dry_run: boolean;
  total: number;
  done: number;
  failed: number;
  created_at: Date;
  started_at: Date | null;
  finished_at: Date | null;
  cancelled_at: Date | null;
}

const columns = [
  ...['id', 'collection', 'sub', 'client_id', 'caller', 'is_dry_run', 'total', 'done', 'failed'],
  ...['created_at', 'started_at', 'finished_at', 'cancelled_at'],
]
  .map((column) => `bulk_job.${column}`)
  .join(', ');

const contextOf = (jobId: string, number: number): string => `bulk_row/${jobId}/${number}`;

export function makeBulkJobs(database: Database, sealer: PayloadSealer): BulkJobs {
  const seal = (jobId: string, operation: unknown, number: number): string =>
    sealer.seal(Buffer.from(JSON.stringify(operation), 'utf8'), contextOf(jobId, number));
  return {
    async insert(job, operations) {
      const sealed = operations.map((operation, index) => seal(job.id, operation, index + 1));
      await runSql(
        database,
        `with job as (
           insert into bulk_job (id, collection, sub, client_id, caller, is_dry_run, total, created_at)
           values (?, ?, ?, ?, ?, ?, ?, ?) returning id
         )
         insert into bulk_row (job_id, number, operation_encrypted)
         select job.id, given.number, given.operation
         from job, unnest(?::text[]) with ordinality as given (operation, number)`,
        [
          ...[job.id, job.collection, job.sub, job.clientId, JSON.stringify(job.caller), job.isDryRun],
          ...[operations.length, job.createdAt, sealed],
        ],
      );
    },

    async find(id) {
      const [row] = await runSql<JobRow>(database, `select ${columns} from bulk_job where id = ?`, [id]);
      return row && toJob(row);
    },

    async listOf(collection, sub, clientId) {
      const rows = await runSql<JobRow>(
        database,
        `select ${columns} from bulk_job where collection = ? and sub = ? and client_id = ?
         order by created_at desc, id desc limit 100`,
        [collection, sub, clientId],
      );
      return rows.map(toJob);
    },

    async next() {
      const [row] = await runSql<JobRow & { number: number; operation_encrypted: string }>(
        database,
        `select ${columns}, bulk_row.number, bulk_row.operation_encrypted
         from (select * from bulk_job where finished_at is null order by created_at, id limit 1) as bulk_job
         cross join lateral (
           select number, operation_encrypted from bulk_row
           where job_id = bulk_job.id and status is null order by number limit 1
         ) as bulk_row`,
        [],
      );
      if (row === undefined) return undefined;
      const opened = sealer.open(row.operation_encrypted, contextOf(row.id, row.number));
      return { job: toJob(row), number: row.number, operation: JSON.parse(opened.toString('utf8')) };
    },

    async finish(jobId, number, { status, objectId, problem }, now) {
      const finished = await runSql(
        database,
        // The job first: whoever stops it locks it too, and then no row of it is run any more.
        `with open as materialized (select id from bulk_job where id = ? and finished_at is null for update),
         row as (
           update bulk_row set status = ?::integer, object_id = ?, problem = ?::jsonb, operation_encrypted = null
           from open where job_id = open.id and number = ? and status is null returning job_id
         )
         update bulk_job set done = done + 1, failed = failed + ?::integer,
           started_at = coalesce(started_at, ?::timestamptz),
           finished_at = case when done + 1 = total then ?::timestamptz end
         from row where bulk_job.id = row.job_id returning 1`,
        [
          ...[jobId, status, objectId, problem === null ? null : JSON.stringify(problem), number],
          ...[status >= 400 ? 1 : 0, now, now],
        ],
      );
      return finished.length === 1;
    },

    async results(jobId, after, limit) {
      const rows = await runSql<Omit<BulkRow, 'objectId'> & { object_id: string | null }>(
        database,
        `select number, status, object_id, problem from bulk_row
         where job_id = ? and number > ? and status is not null order by number limit ?`,
        [jobId, after, limit],
      );
      return rows.map(({ object_id: objectId, ...row }) => ({ ...row, objectId }));
    },

    async cancel(id, now) {
      const cancelled = await runSql(
        database,
        `with job as (
           update bulk_job set finished_at = ?::timestamptz, cancelled_at = ?::timestamptz
           where id = ? and finished_at is null returning id
         ), rows as (
           update bulk_row set operation_encrypted = null from job where job_id = job.id and status is null
         )
         select 1 from job`,
        [now, now, id],
      );
      return cancelled.length === 1;
    },

    async forgetBefore(time, most) {
      const gone = await runSql(
        database,
        `delete from bulk_job where id = any (array(
           select id from bulk_job where created_at < ? order by created_at limit ? for update skip locked
         )) returning 1`,
        [time, most],
      );
      return gone.length;
    },
  };
}

function toJob(row: JobRow): BulkJob {
  return {
    id: row.id,
    collection: row.collection,
    sub: row.sub,
    clientId: row.client_id,
    caller: row.caller,
    isDryRun: row.is_dry_run,
    total: row.total,
    done: row.done,
    failed: row.failed,
    createdAt: row.created_at,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
    cancelledAt: row.cancelled_at,
  };
}
