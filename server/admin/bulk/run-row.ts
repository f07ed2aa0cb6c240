import { z } from 'zod';
import type { Actor } from '../../audit/event.ts';
import type { Clock } from '../../clock.ts';
import { AppError, errorCodes } from '../../errors.ts';
import { type AccessTokenClaims, type Caller, requireScope } from '../../http/api/caller.ts';
import { readIfMatch } from '../../http/api/etag.ts';
import type { Answer, RawRequest, Route } from '../../http/api/route.ts';
import type { BulkCaller, BulkJobs, BulkResult, WaitingRow } from '../../requests/bulk-jobs.ts';
import type { WholeRequests } from '../../requests/whole-requests.ts';
import { type RowOperation, readOperation } from './operations.ts';

export interface RunRowDeps {
  bulkJobs: Pick<BulkJobs, 'next' | 'finish'>;
  wholeRequests: WholeRequests;
  routes: readonly Route[];
  /** The scopes that the caller still has; undefined when client or person is no more. */
  findPresentScopes(claims: AccessTokenClaims): Promise<ReadonlySet<string> | undefined>;
  clock: Clock;
  /** Told of a row that failed by a fault of ours. */
  onRowFault(error: unknown, jobId: string, number: number): void;
}

/** Thrown through the transaction of a row that somebody else has run, or that was stopped: so it is undone. */
class DoneAlready extends Error {}

/**
 * Runs the row that has waited longest, as the operation alone would be run, with the rights that its caller has at this moment.
 * What it does and its result are one transaction: a process that is killed leaves the row as it was, and the next one runs it.
 *
 * @returns whether there was one
 */
export const makeRunRow = (deps: RunRowDeps) => async (): Promise<boolean> => {
  const waiting = await deps.bulkJobs.next();
  if (waiting === undefined) return false;
  const { job, number } = waiting;
  const finish = (result: BulkResult) => deps.bulkJobs.finish(job.id, number, result, deps.clock.now());
  try {
    const route = routeOf(deps.routes, waiting);
    const request = await toRequest(deps, route, waiting);
    if (job.isDryRun) {
      const answer = await deps.wholeRequests.rehearse(() => route.run(request));
      await finish(toResult(answer, waiting));
      return true;
    }
    await deps.wholeRequests.keep(async () => {
      const answer = await route.run(request);
      if (!(await finish(toResult(answer, waiting)))) throw new DoneAlready();
    });
  } catch (thrown) {
    if (thrown instanceof DoneAlready) return true;
    // What is not there for a moment is not the row's fault: it is run later. A fault of ours must not hold up all that follow.
    if (thrown instanceof AppError && thrown.status === 503) throw thrown;
    const refusal = thrown instanceof AppError ? thrown : new AppError('internal', { cause: thrown });
    if (refusal.status >= 500) deps.onRowFault(thrown, job.id, number);
    await finish({ status: refusal.status, objectId: objectIdOf(waiting), problem: problemOf(refusal) });
  }
  return true;
};

export type RunRow = ReturnType<typeof makeRunRow>;

function routeOf(routes: readonly Route[], { job, operation }: WaitingRow): Route {
  const { operationId } = readOperation(job.collection, operation);
  const route = routes.find((one) => one.operationId === operationId);
  if (route === undefined) throw new Error(`no route ${operationId}`);
  return route;
}

/** @throws AppError unauthenticated, InsufficientScope */
async function toRequest(
  { findPresentScopes }: RunRowDeps,
  route: Route,
  { job, operation }: WaitingRow,
): Promise<RawRequest> {
  const { id, body, ifMatch }: RowOperation = readOperation(job.collection, operation);
  const { claims, actor } = readCaller(job.caller);
  const scopes = await findPresentScopes(claims);
  if (scopes === undefined) throw new AppError('unauthenticated');
  const caller: Caller = { claims, actor, scopes };
  requireScope(caller, route.scope);
  return {
    caller,
    params: id === undefined ? {} : { id },
    query: new URLSearchParams(),
    ifMatch: readIfMatch(ifMatch),
    readBody: async () => body,
    readBytes: async () => Buffer.alloc(0),
  };
}

const keptClaims = z.looseObject({
  sub: z.string(),
  client_id: z.string(),
  scope: z.string(),
  aud: z.string(),
  iss: z.string(),
  jti: z.string(),
  exp: z.number(),
});

const keptActor = z.object({
  kind: z.enum(['account', 'client', 'operator', 'system', 'anonymous']),
  id: z.string().optional(),
  clientId: z.string().optional(),
  ip: z.string().optional(),
  userAgent: z.string().optional(),
  requestId: z.string().optional(),
  sessionId: z.string().optional(),
  onBehalfOf: z.string().optional(),
});

const readCaller = ({ claims, actor }: BulkCaller): { claims: AccessTokenClaims; actor: Actor } => ({
  claims: keptClaims.parse(claims),
  actor: keptActor.parse(actor),
});

/** Nothing of the object but its name: a secret that was made is asked for anew, where it is shown. */
function toResult({ status, body }: Answer, waiting: WaitingRow): BulkResult {
  return { status, objectId: madeIdOf(body) ?? objectIdOf(waiting), problem: null };
}

function madeIdOf(body: unknown): string | null {
  if (typeof body !== 'object' || body === null) return null;
  const { sub, client_id: clientId }: { sub?: unknown; client_id?: unknown } = body;
  const made = sub ?? clientId;
  return typeof made === 'string' ? made : null;
}

const objectIdOf = ({ job, operation }: WaitingRow): string | null =>
  readOperation(job.collection, operation).id ?? null;

function problemOf({ code, status, message, fields }: AppError): BulkResult['problem'] {
  const { title } = errorCodes[code];
  return {
    type: `urn:gatehouse:error:${code}`,
    title,
    status,
    ...(message === title ? {} : { detail: message }),
    code,
    ...(fields.length === 0 ? {} : { errors: fields }),
  };
}
