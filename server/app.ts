import type Router from '@koa/router';
import Koa from 'koa';
import mount from 'koa-mount';
import type { PageMiddleware, RequestState } from './http/context.ts';
import { pinToIssuer } from './http/site.ts';

export interface AppDeps {
  issuer: string;
  cookieKeys: readonly string[];
  /** Runs around every request, outermost first: peer, headers, log, error page. */
  frame: readonly PageMiddleware[];
  /** Answers outside of the issuer's path: liveness, host check, metadata that RFC 8414 3.1 puts before the path. */
  outside: readonly PageMiddleware[];
  /** Static files, below `/assets`. */
  assets: PageMiddleware;
  /** Our own pages and APIs, below the issuer's path; the first that answers wins. */
  routers: readonly Router<RequestState, object>[];
  /** Directly around the engine. */
  around: readonly PageMiddleware[];
  /** The engine answers what is left. */
  engine: Koa;
}

/** The Koa host: middleware order and mounts, nothing else. */
export function makeApp({
  issuer,
  cookieKeys,
  frame,
  outside,
  assets,
  routers,
  around,
  engine,
}: AppDeps): Koa {
  const url = new URL(issuer);
  const app = new Koa({ keys: [...cookieKeys] });
  pinToIssuer(app, url);
  pinToIssuer(engine, url);
  // Koa prints errors itself where nobody listens; the error page has logged every one that has an answer.
  app.silent = true;
  const inner = new Koa<RequestState, object>();
  inner.use(mount('/assets', assets));
  for (const router of routers) inner.use(router.routes());
  for (const middleware of around) inner.use(middleware);
  inner.use(mount('/', engine));
  for (const middleware of [...frame, ...outside]) app.use(middleware);
  app.use(keepPath);
  app.use(mount(url.pathname, inner));
  return app;
}

/** koa-mount leaves the shortened path behind when something is thrown; the error page and the log need the whole one. */
const keepPath: PageMiddleware = async (ctx, next) => {
  const { path } = ctx;
  try {
    await next();
  } finally {
    ctx.path = path;
  }
};
