import type { IncomingMessage } from 'node:http';
import type { Middleware } from 'koa';
import type { errors } from 'oidc-provider';

/** An error as the engine's events have it. */
export type EngineError = Error & Partial<errors.OIDCProviderError>;

/** Events are emitted in the middle of a request: what they write is awaited before its answer leaves. */
const unfinished = new WeakMap<IncomingMessage, Promise<void>[]>();

/** Awaits what the events of this request have begun to write; a failing audit log fails the request. */
export const finishEvents: Middleware = async (ctx, next) => {
  try {
    await next();
  } finally {
    const begun = unfinished.get(ctx.req);
    if (begun !== undefined) await Promise.all(begun);
  }
};

/** Lets the answer to this request wait for work that an event has begun; if the work fails, so does the request. */
export function awaitBeforeAnswer(req: IncomingMessage, work: Promise<void>): void {
  // Its failure is met where it is awaited, which may be a while after it happened.
  work.catch(() => {});
  unfinished.set(req, [...(unfinished.get(req) ?? []), work]);
}
