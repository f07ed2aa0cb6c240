import { AppError, type ErrorCode, errorCodes } from '../errors.ts';
import type { Log } from '../log.ts';
import type { PageContext, PageMiddleware } from './context.ts';
import { basePathOf } from './page-context.ts';
import type { Render } from './render.ts';
import { redactPath } from './request-log.ts';
import type { ErrorKind } from './view-models.ts';

export interface ErrorPageDeps {
  issuer: string;
  render: Render;
  log: Log;
  /** By this id operators find more about the error: in the log, or why a client was refused. */
  errorIdOf: (ctx: PageContext, error: AppError) => string;
  /** Answers a program: problem+json (RFC 9457) that names the same error id. */
  sendProblem: (ctx: PageContext, error: AppError, errorId: string) => void;
}

/** How pages speak of errors, by code where it says more than the status. */
const kindOfCode: Partial<Record<ErrorCode, ErrorKind>> = {
  acting_for_somebody: 'acting',
  support_over: 'support_over',
  csrf_rejected: 'stale_form',
  overloaded: 'overloaded',
  too_many_sign_ins: 'too_many_sign_ins',
};

const kindOfStatus: ReadonlyMap<number, ErrorKind> = new Map([
  [401, 'sign_in_needed'],
  [403, 'forbidden'],
  [404, 'not_found'],
  [405, 'method_not_allowed'],
  [413, 'too_large'],
  [414, 'too_large'],
  [421, 'misdirected'],
  [429, 'too_many_requests'],
  [503, 'unavailable'],
]);

/**
 * Answers everything that is thrown further in, and addresses that nobody answered: people get a page, programs
 * problem+json. Needs no session and no database. The error's id stands in the answer and in the log; causes, details and
 * stacks only in the log.
 */
export function makeErrorPage(deps: ErrorPageDeps): PageMiddleware {
  const basePath = basePathOf(deps.issuer);
  return async (ctx, next) => {
    try {
      await next();
      const unanswered = findUnanswered(ctx);
      if (unanswered !== undefined) throw unanswered;
    } catch (thrown) {
      if (ctx.headerSent) throw thrown;
      const error = toAppError(thrown);
      const errorId = deps.errorIdOf(ctx, error);
      report(deps.log, ctx, error, errorId, thrown);
      if (error.retryAfter !== undefined) ctx.set('Retry-After', String(error.retryAfter));
      if (wantsProblem(ctx, basePath)) return deps.sendProblem(ctx, error, errorId);
      deps.render(
        ctx,
        'error',
        {
          kind: kindOf(error),
          errorId,
          way: { href: `${basePath}/account`, label: 'error.to_account' },
          technical: null,
        },
        error.status,
      );
    }
  };
}

function kindOf({ code, status }: AppError): ErrorKind {
  return kindOfCode[code] ?? kindOfStatus.get(status) ?? (status < 500 ? 'bad_request' : 'internal');
}

/** The router leaves 404, 405 and 501 without a body. */
function findUnanswered({ status, body }: PageContext): AppError | undefined {
  if (body !== undefined && body !== null) return undefined;
  if (status === 404) return new AppError('not_found');
  return status === 405 || status === 501 ? new AppError('method_not_allowed') : undefined;
}

const codeOfStatus: ReadonlyMap<number, ErrorCode> = new Map([
  [401, 'unauthenticated'],
  [403, 'forbidden'],
  [404, 'not_found'],
  [405, 'method_not_allowed'],
  [406, 'not_acceptable'],
  [413, 'body_too_large'],
  [414, 'uri_too_long'],
  [415, 'unsupported_media_type'],
  [429, 'too_many_requests'],
  [501, 'method_not_allowed'],
  [503, 'unavailable'],
]);

function toAppError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  const status =
    thrown instanceof Error && 'status' in thrown && typeof thrown.status === 'number' ? thrown.status : 500;
  const code = codeOfStatus.get(status) ?? (status >= 400 && status < 500 ? 'invalid_input' : 'internal');
  // The message of a foreign error may hold anything: only our own words for the code are shown.
  return new AppError(code, { message: errorCodes[code].title, cause: thrown });
}

function report(log: Log, ctx: PageContext, error: AppError, errorId: string, thrown: unknown): void {
  const { requestId } = ctx.state;
  const fields = { errorId, requestId, error: error.code, detail: error.detail, path: redactPath(ctx.path) };
  if (error.status < 500) log.info('request refused', fields);
  // Many at once, and all of them say the same: no stack.
  else if (error.status === 503) log.warn('request turned away', fields);
  else log.error('request failed', { ...fields, cause: thrown });
}

/** Of the protocol endpoints, people come to two only. */
const programPaths = /^\/(?:api|\.well-known|oauth2(?!\/authorize|\/logout))\//;

/** APIs and protocol endpoints are for programs; elsewhere only those who prefer JSON get it. */
function wantsProblem(ctx: PageContext, basePath: string): boolean {
  const path = ctx.path.startsWith(`${basePath}/`) ? ctx.path.slice(basePath.length) : ctx.path;
  if (programPaths.test(path) || path.endsWith('.json')) return true;
  return ctx.accepts('html', 'json') === 'json';
}
