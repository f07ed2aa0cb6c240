import type Router from '@koa/router';
import Koa from 'koa';
import compose from 'koa-compose';
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
  /** Around our own pages and APIs. */
  aroundOurs: PageMiddleware;
  /** Our own pages and APIs, below the issuer's path; the first that answers wins. */
  routers: readonly Router<RequestState, object>[];
  /** Directly around the engine. */
  around: readonly PageMiddleware[];
  /** The engine answers what is left. */
  engine: Koa;
  onError(error: unknown): void;
}

/** The Koa host: middleware order and mounts, nothing else. */
export function makeApp({
  issuer,
  cookieKeys,
  frame,
  outside,
  assets,
  aroundOurs,
  routers,
  around,
  engine,
  onError,
}: AppDeps): Koa {
  const url = new URL(issuer);
  const app = new Koa({ keys: [...cookieKeys] });
  pinToIssuer(app, url);
  pinToIssuer(engine, url);
  // What reaches this has no answer any more: the connection broke while one was written, or the error page itself failed.
  app.on('error', onError);
  const protocol = compose<Koa.ParameterizedContext<RequestState, object>>([...around, mount('/', engine)]);
  const inner = new Koa<RequestState, object>();
  // The busiest addresses come first: no router of ours is asked about them.
  inner.use((ctx, next) => (ctx.path.startsWith('/oauth2/') ? protocol(ctx, next) : next()));
  inner.use(mount('/assets', assets));
  inner.use(aroundOurs);
  for (const router of routers) inner.use(router.routes()).use(router.allowedMethods());
  inner.use(protocol);
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
