import { type AppError, type ErrorCode, errorCodes, type FieldFault } from '../errors.ts';
import type { PageContext } from './context.ts';

/** RFC 9457 3, with members of our own beside the registered ones. */
export interface Problem {
  /** Names the kind of problem; nothing to fetch there. */
  type: `urn:gatehouse:error:${ErrorCode}`;
  title: string;
  status: number;
  /** What is to be said of this case beyond the title. */
  detail?: string;
  code: ErrorCode;
  /** One entry for each bad field of the input. */
  errors?: readonly FieldFault[];
  /** Stands in the server's log too. */
  error_id: string;
}

/** What may be told of an error: its public words and fields, never its detail, cause or stack. */
export function toProblem(error: AppError, errorId: string): Problem {
  const { title } = errorCodes[error.code];
  return {
    type: `urn:gatehouse:error:${error.code}`,
    title,
    status: error.status,
    ...(error.message === title ? {} : { detail: error.message }),
    code: error.code,
    ...(error.fields.length === 0 ? {} : { errors: error.fields }),
    error_id: errorId,
  };
}

/** Answers a program with an error (RFC 9457 3). Headers that belong to it, such as WWW-Authenticate, may stand already. */
export function sendProblem(ctx: PageContext, error: AppError, errorId: string): void {
  ctx.status = error.status;
  ctx.set('Cache-Control', 'no-store');
  if (error.retryAfter !== undefined) ctx.set('Retry-After', String(error.retryAfter));
  // The rest of a body that was not read would be taken for the next request.
  if (error.status === 413) ctx.set('Connection', 'close');
  ctx.type = 'application/problem+json';
  ctx.body = JSON.stringify(toProblem(error, errorId));
}
