import Koa from 'koa';
import mount from 'koa-mount';
import type { PageMiddleware } from './http/context.ts';
import { pinToIssuer } from './http/site.ts';

export interface AppDeps {
  issuer: string;
  cookieKeys: readonly string[];
  /** Runs around every request, outermost first: log, error page, headers, host check. */
  frame: readonly PageMiddleware[];
  /** Answers below the issuer's own path; the first that answers wins. */
  routes: readonly PageMiddleware[];
  /** Answers outside of it: liveness, and metadata that RFC 8414 3.1 puts before the issuer's path. */
  outside: readonly PageMiddleware[];
}

/** The Koa host: middleware order and mounts, nothing else. */
export function makeApp({ issuer, cookieKeys, frame, routes, outside }: AppDeps): Koa {
  const url = new URL(issuer);
  const app = new Koa({ keys: [...cookieKeys] });
  pinToIssuer(app, url);
  // Koa prints errors itself where nobody listens; the error page has logged every one that has an answer.
  app.silent = true;
  for (const middleware of [...frame, ...outside]) app.use(middleware);
  const inner = new Koa();
  for (const middleware of routes) inner.use(middleware);
  app.use(mount(url.pathname, inner));
  return app;
}
