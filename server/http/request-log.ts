import type { Clock } from '../clock.ts';
import type { Ids } from '../ids.ts';
import type { Log } from '../log.ts';
import type { PageMiddleware } from './context.ts';

export interface RequestLogDeps {
  log: Log;
  ids: Pick<Ids, 'id'>;
  clock: Clock;
}

const longestPath = 200;
/** Words as our own paths have them; everything else that is long is somebody's identifier, or worse. */
const word = /^[a-z]+(?:[._-][a-z]+)*$/;
const longestUnknown = 15;

/**
 * Gives each request an id, which no stranger can choose, and writes one line when it is over: what was asked, the answer's
 * status and how long it took. Nothing of headers, query or body.
 */
export function makeRequestLog({ log, ids, clock }: RequestLogDeps): PageMiddleware {
  return async (ctx, next) => {
    const requestId = ids.id();
    const started = clock.now().getTime();
    const { method, path, res } = ctx;
    ctx.state.requestId = requestId;
    ctx.set('X-Request-Id', requestId);
    res.once('close', () => {
      // crash point: answer_flushed
      const fields = {
        requestId,
        method,
        path: redactPath(path),
        status: res.statusCode,
        ms: clock.now().getTime() - started,
        ...(res.writableFinished ? {} : { aborted: true }),
      };
      if (res.statusCode >= 500) log.error('request', fields);
      else log.info('request', fields);
    });
    // crash point: request_begun
    await next();
    // crash point: answer_framed
  };
}

/** The path with every segment hidden that may be an identifier of a session, a sign-in, a link or a token. */
export function redactPath(path: string): string {
  const segments = path.slice(0, longestPath).split('/');
  return segments.map((segment) => (isPlain(segment) ? segment : ':id')).join('/');
}

function isPlain(segment: string): boolean {
  return segment.length <= longestUnknown || word.test(segment);
}
