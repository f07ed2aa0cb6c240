import { AppError } from '../../errors.ts';
import type { PageContext } from '../context.ts';
import type { AccessTokenClaims } from './caller.ts';

export interface ApiCors {
  /** Origin of this server itself: its own pages need no permission. */
  ownOrigin: string;
  /** Origins whose scripts may use tokens of this client. */
  originsOf(clientId: string): Promise<readonly string[]>;
}

const seconds = 600;

/** Whether a script of another origin asks (https://fetch.spec.whatwg.org/#http-cors-protocol). */
export const foreignOrigin = (ctx: PageContext, { ownOrigin }: ApiCors): string | undefined => {
  const origin = ctx.get('origin');
  return origin === '' || origin === ownOrigin ? undefined : origin;
};

/**
 * Answers the question that browsers ask before. It carries no token, so nobody can say yet whose script asks, and there is
 * nothing to protect: tokens come in a header that only scripts set, never by themselves. Cookies are not taken.
 */
export function answerPreflight(ctx: PageContext, cors: ApiCors, methods: readonly string[]): void {
  const origin = foreignOrigin(ctx, cors);
  ctx.vary('Origin');
  ctx.status = 204;
  if (origin === undefined) return;
  ctx.set('Access-Control-Allow-Origin', origin);
  ctx.set('Access-Control-Allow-Methods', [...new Set(methods)].join(', '));
  ctx.set('Access-Control-Allow-Headers', 'authorization, content-type, dpop, if-match');
  ctx.set('Access-Control-Max-Age', String(seconds));
}

/** Lets the script read the answer: that it needs a token says nothing, so anybody's may read that. */
export function exposeAnswer(ctx: PageContext, origin: string): void {
  ctx.vary('Origin');
  ctx.set('Access-Control-Allow-Origin', origin);
  ctx.set('Access-Control-Expose-Headers', 'etag, location, www-authenticate, x-request-id, retry-after');
}

/**
 * Only origins that the client of the token has may use it.
 *
 * @throws AppError forbidden
 */
export async function admitOrigin(
  ctx: PageContext,
  cors: ApiCors,
  { client_id: clientId }: AccessTokenClaims,
): Promise<void> {
  const origin = foreignOrigin(ctx, cors);
  if (origin === undefined) return;
  if (!(await cors.originsOf(clientId)).includes(origin)) {
    throw new AppError('forbidden', { detail: `scripts of ${origin} may not use tokens of this client` });
  }
  exposeAnswer(ctx, origin);
}
