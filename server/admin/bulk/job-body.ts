import { z } from 'zod';
import type { BulkCollection, BulkJob, BulkRow } from '../../requests/bulk-jobs.ts';
import { rowSchemas } from './operations.ts';

/** More is several jobs: each fits into a body of 256 kB anyway. */
const mostOperations = 1000;

const names = { users: 'NewUserJob', clients: 'NewClientJob' } as const;

/** A job as it is asked for. */
export const newJobBody = (collection: BulkCollection) =>
  z
    .strictObject({
      operations: z.array(rowSchemas[collection]).min(1).max(mostOperations),
      dry_run: z.boolean().default(false).meta({
        description: 'Each operation is done and undone again: its result is what would become of it.',
      }),
    })
    .meta({ id: names[collection] });

const seconds = z.int().min(0);

export const jobView = z
  .strictObject({
    id: z.string(),
    collection: z.enum(['users', 'clients']),
    state: z.enum(['waiting', 'running', 'done', 'cancelled']),
    dry_run: z.boolean(),
    total: z.int().min(1),
    done: z.int().min(0),
    failed: z.int().min(0).meta({ description: 'Of those that are done, the refused ones.' }),
    rate: z.number().min(0).nullable().meta({ description: 'Operations a second; null before the first.' }),
    seconds_left: seconds
      .nullable()
      .meta({ description: 'By that rate; null when it is not known or over.' }),
    created_at: seconds,
    started_at: seconds.nullable(),
    finished_at: seconds.nullable(),
  })
  .meta({ id: 'Job' });

export const resultView = z
  .strictObject({
    number: z.int().min(1).meta({ description: 'Which operation, from 1.' }),
    status: z.int().min(200).max(599).meta({ description: 'The status that it would have had alone.' }),
    id: z.string().nullable().meta({ description: 'Of the object, where there is one.' }),
    problem: z
      .looseObject({ code: z.string(), title: z.string(), status: z.int() })
      .nullable()
      .meta({ description: 'Why it was refused: problem+json.' }),
  })
  .meta({ id: 'JobResult' });

const toSeconds = (time: Date | null): number | null =>
  time === null ? null : Math.floor(time.getTime() / 1000);

export function showJob(job: BulkJob, now: Date): z.output<typeof jobView> {
  const until = job.finishedAt ?? now;
  const took = job.startedAt === null ? 0 : (until.getTime() - job.startedAt.getTime()) / 1000;
  const rate = job.done > 1 && took > 0 ? Math.round((job.done / took) * 10) / 10 : null;
  const isOver = job.finishedAt !== null;
  return {
    id: job.id,
    collection: job.collection,
    state: stateOf(job),
    dry_run: job.isDryRun,
    total: job.total,
    done: job.done,
    failed: job.failed,
    rate,
    seconds_left: isOver || rate === null || rate === 0 ? null : Math.ceil((job.total - job.done) / rate),
    created_at: Math.floor(job.createdAt.getTime() / 1000),
    started_at: toSeconds(job.startedAt),
    finished_at: toSeconds(job.finishedAt),
  };
}

function stateOf({
  cancelledAt,
  finishedAt,
  startedAt,
}: BulkJob): 'waiting' | 'running' | 'done' | 'cancelled' {
  if (cancelledAt !== null) return 'cancelled';
  if (finishedAt !== null) return 'done';
  return startedAt === null ? 'waiting' : 'running';
}

export function showResult({ number, status, objectId, problem }: BulkRow): z.output<typeof resultView> {
  return { number, status, id: objectId, problem: problem === null ? null : toProblem(problem) };
}

const toProblem = (problem: Readonly<Record<string, unknown>>) =>
  z.looseObject({ code: z.string(), title: z.string(), status: z.int() }).parse(problem);
