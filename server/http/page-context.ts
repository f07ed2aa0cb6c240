import type { Actor } from '../audit/event.ts';
import { actorFor } from '../support-mark.ts';
import type { PageContext } from './context.ts';

/** The path of the issuer without its trailing slash: `''` at the root of a host, otherwise for instance `/auth`. */
export function basePathOf(issuer: string): string {
  return new URL(issuer).pathname.replace(/\/$/, '');
}

/** Who asks, as far as a page knows before a sign-in; `accountId` is given where a session proves it. */
export function actorOf(ctx: PageContext, accountId?: string): Actor {
  return {
    ...(accountId === undefined ? { kind: 'anonymous' } : actorFor(accountId, ctx.state.support)),
    ip: ctx.state.peer?.ip ?? ctx.ip,
    userAgent: ctx.get('user-agent').slice(0, 512) || undefined,
    requestId: ctx.state.requestId,
    sessionId: ctx.state.sessionId,
  };
}
