import { z } from 'zod';
import type { AuditLog } from '../../audit/event.ts';
import type { Clock } from '../../clock.ts';
import { AppError } from '../../errors.ts';
import type { Caller } from '../../http/api/caller.ts';
import type { Cursors } from '../../http/api/cursor.ts';
import { pageOf, pageQuery, readPage } from '../../http/api/list-query.ts';
import { defineRoute, noBody, noParameters, type Route } from '../../http/api/route.ts';
import type { Ids } from '../../ids.ts';
import type { BulkCollection, BulkJob, BulkJobs } from '../../requests/bulk-jobs.ts';
import type { InTransaction } from '../../transaction.ts';
import { jobView, newJobBody, resultView, showJob, showResult } from './job-body.ts';

export interface BulkRouteDeps {
  bulkJobs: BulkJobs;
  audit: AuditLog;
  inTransaction: InTransaction;
  cursors: Cursors;
  clock: Clock;
  ids: Ids;
  /** The absolute URL of the API's root, without a slash at its end. */
  root: string;
}

interface Place {
  collection: BulkCollection;
  /** `user` or `client`. */
  one: string;
  /** For operation ids. */
  name: string;
}

const places: readonly Place[] = [
  { collection: 'users', one: 'user', name: 'User' },
  { collection: 'clients', one: 'client', name: 'Client' },
];

const oneJob = z.strictObject({ id: z.string().regex(/^[A-Za-z0-9_-]{22}$/) });

/** `user-jobs` and `client-jobs`: many operations in one request, run one after the other. */
export function makeBulkRoutes(deps: BulkRouteDeps): Route[] {
  return places.flatMap((place) => [
    create(deps, place),
    list(deps, place),
    read(deps, place),
    results(deps, place),
    cancel(deps, place),
  ]);
}

const create = (deps: BulkRouteDeps, { collection, one, name }: Place) =>
  defineRoute({
    method: 'POST',
    path: `/${one}-jobs`,
    operationId: `create${name}Job`,
    scope: `${collection}:write`,
    summary: `Many operations on ${collection} as a job, each with a result of its own`,
    params: noParameters,
    query: noParameters,
    body: { schema: newJobBody(collection), mediaTypes: ['application/json'] },
    success: {
      status: 202,
      description:
        'The job. Each operation is run as it would be alone, with the rights that you have at that moment; one that is refused does not stop the others.',
      schema: jobView,
    },
    errors: [],
    async handle({ body, caller, by }) {
      const job: BulkJob = {
        id: deps.ids.id(),
        collection,
        sub: caller.claims.sub,
        clientId: caller.claims.client_id,
        caller: { claims: { ...caller.claims }, actor: { ...by } },
        isDryRun: body.dry_run,
        total: body.operations.length,
        done: 0,
        failed: 0,
        createdAt: deps.clock.now(),
        startedAt: null,
        finishedAt: null,
        cancelledAt: null,
      };
      const { id: jobId, total: operations, isDryRun } = job;
      const dryRun = isDryRun ? true : undefined;
      await deps.inTransaction(async () => {
        await deps.bulkJobs.insert(job, body.operations);
        await deps.audit.append({ type: 'job.created', jobId, collection, operations, dryRun }, by);
      });
      const now = deps.clock.now();
      return { status: 202, body: showJob(job, now), location: `${deps.root}/${one}-jobs/${job.id}` };
    },
  });

const list = ({ bulkJobs, clock }: BulkRouteDeps, { collection, one, name }: Place) =>
  defineRoute({
    method: 'GET',
    path: `/${one}-jobs`,
    operationId: `list${name}Jobs`,
    scope: `${collection}:read`,
    summary: 'The jobs that you have asked for in the last week, the latest first; at most 100',
    params: noParameters,
    query: noParameters,
    body: noBody,
    success: {
      status: 200,
      description: 'The jobs',
      schema: z.strictObject({ items: z.array(jobView), next: z.null() }),
    },
    errors: [],
    async handle({ caller: { claims } }) {
      const jobs = await bulkJobs.listOf(collection, claims.sub, claims.client_id);
      return { status: 200, body: { items: jobs.map((job) => showJob(job, clock.now())), next: null } };
    },
  });

const read = (deps: BulkRouteDeps, { collection, one, name }: Place) =>
  defineRoute({
    method: 'GET',
    path: `/${one}-jobs/{id}`,
    operationId: `read${name}Job`,
    scope: `${collection}:read`,
    summary: 'How far a job is, how fast it goes, and when it will be done',
    params: oneJob,
    missing: 'job_not_found',
    query: noParameters,
    body: noBody,
    success: { status: 200, description: 'The job', schema: jobView },
    errors: ['job_not_found'],
    async handle({ params, caller }) {
      const job = await findOwn(deps, collection, params.id, caller);
      return { status: 200, body: showJob(job, deps.clock.now()) };
    },
  });

const results = (deps: BulkRouteDeps, { collection, one, name }: Place) =>
  defineRoute({
    method: 'GET',
    path: `/${one}-jobs/{id}/results`,
    operationId: `list${name}JobResults`,
    scope: `${collection}:read`,
    summary: 'What became of each operation of a job, in their order',
    params: oneJob,
    missing: 'job_not_found',
    query: z.strictObject(pageQuery),
    body: noBody,
    success: { status: 200, description: 'A page of results', schema: pageOf(resultView) },
    errors: ['job_not_found', 'invalid_cursor'],
    async handle({ params, query: { limit, after }, caller }) {
      const job = await findOwn(deps, collection, params.id, caller);
      const page = async (place: string | undefined) => {
        const found = await deps.bulkJobs.results(job.id, Number(place ?? 0), limit + 1);
        const items = found.slice(0, limit);
        const last = found.length > limit ? items.at(-1) : undefined;
        return { items, next: last === undefined ? null : String(last.number) };
      };
      const asked = { job: job.id };
      return {
        status: 200,
        body: await readPage(deps.cursors, `${one}-job-results`, after, page, showResult, asked),
      };
    },
  });

const cancel = (deps: BulkRouteDeps, { collection, one, name }: Place) =>
  defineRoute({
    method: 'DELETE',
    path: `/${one}-jobs/{id}`,
    operationId: `cancel${name}Job`,
    scope: `${collection}:write`,
    summary: 'Stop a job: what has been done stays done, the rest is not begun',
    params: oneJob,
    missing: 'job_not_found',
    query: noParameters,
    body: noBody,
    success: { status: 204, description: 'It has been stopped' },
    errors: ['job_not_found', 'job_over'],
    async handle({ params, caller, by }) {
      const { id: jobId } = await findOwn(deps, collection, params.id, caller);
      await deps.inTransaction(async () => {
        if (!(await deps.bulkJobs.cancel(jobId, deps.clock.now()))) throw new AppError('job_over');
        await deps.audit.append({ type: 'job.cancelled', jobId, collection }, by);
      });
      return { status: 204 };
    },
  });

/** @throws AppError job_not_found, also for the job of somebody else */
async function findOwn(
  { bulkJobs }: BulkRouteDeps,
  collection: BulkCollection,
  id: string,
  { claims }: Caller,
): Promise<BulkJob> {
  const job = await bulkJobs.find(id);
  if (job?.collection !== collection || job.sub !== claims.sub || job.clientId !== claims.client_id)
    throw new AppError('job_not_found');
  return job;
}
