import type Koa from 'koa';
import type { SupportMark } from '../support-mark.ts';
import type { Peer } from './peer.ts';

/** All that middleware of ours may leave on `ctx.state`. */
export interface RequestState {
  /** The host that the client asked for, lower case; set by site.ts. */
  askedHost?: string | undefined;
  /** Stands in every log line of the request; set by the request log. */
  requestId?: string | undefined;
  /** Who really asks, behind the proxies that are trusted; see peer.ts. */
  peer?: Peer | undefined;
  /** The browser session of the person who is signed in, as lists of sessions name it. */
  sessionId?: string | undefined;
  /** Where an operator acts for the person: who, and until when. */
  support?: SupportMark | undefined;
  /** The random half of the form tokens, once it was read or made for this answer; see csrf.ts. */
  csrfSecret?: string | undefined;
}

/** The request as pages see it: Koa's own members and the declared state, nothing else. */
export type PageContext = Koa.ParameterizedContext<RequestState, object>;

/** A page reached through a route with parameters in its path. */
export type RoutedContext = PageContext & { params: Record<string, string> };

export type PageMiddleware = (ctx: PageContext, next: Koa.Next) => Promise<void> | void;
