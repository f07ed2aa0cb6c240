import { AppError } from '../errors.ts';
import type { PageContext, PageMiddleware } from '../http/context.ts';
import type { Log } from '../log.ts';

export interface UnavailableAnswersDeps {
  /** What the storage has refused the running request first, even if the engine has gone on without it. */
  failure(): AppError | undefined;
  /** One more answer of an endpoint, by its outcome. */
  count(endpoint: string, outcome: string): void;
  log: Log;
}

/** The engine's endpoints that programs ask; to the others people come. */
const forPrograms: ReadonlyMap<string, string> = new Map(
  ['token', 'introspect', 'revoke', 'userinfo', 'par', 'device_authorization', 'register', 'ciba'].map(
    (name) => [`/oauth2/${name}`, name],
  ),
);

/**
 * Around everything else that is around the engine. The engine knows two outcomes, a refusal and "server_error", and takes
 * some failures for a token that is not there: so whatever it has answered, a request that the storage was refused to is
 * answered as one (RFC 6749 4.1.2.1 and 5.2 have the word, RFC 9110 15.6.4 the status). A revocation that may not have happened is
 * never a 200 (RFC 7009 2.2.1). People get the error page.
 *
 * @throws AppError unavailable, for people
 */
export function makeUnavailableAnswers({ failure, count, log }: UnavailableAnswersDeps): PageMiddleware {
  return async (ctx, next) => {
    const endpoint = forPrograms.get(ctx.path);
    try {
      await next();
      const missed = failure();
      if (missed !== undefined) throw missed;
    } catch (thrown) {
      const error = failure() ?? thrown;
      if (!(error instanceof AppError) || error.status !== 503) throw thrown;
      count(endpoint ?? 'page', 'temporarily_unavailable');
      withdraw(ctx);
      if (endpoint === undefined) throw error;
      log.warn('request turned away', { endpoint, error: error.code, detail: error.detail });
      answer(ctx, error);
    }
  };
}

/** What belongs to an answer that is not given. */
function withdraw(ctx: PageContext): void {
  for (const header of ['Location', 'Set-Cookie', 'WWW-Authenticate']) ctx.remove(header);
}

function answer(ctx: PageContext, { retryAfter = 1 }: AppError): void {
  ctx.status = 503;
  ctx.set('Retry-After', String(retryAfter));
  ctx.set('Cache-Control', 'no-store');
  ctx.body = {
    error: 'temporarily_unavailable',
    error_description:
      'this cannot be done right now; it may or may not have happened, so ask again in a moment',
  };
}
