import type { PageMiddleware } from './context.ts';

/** Liveness on the public port, for whoever cannot reach the management port; asked under any host name. */
export const alive: PageMiddleware = (ctx, next) => {
  if (ctx.path !== '/healthz') return next();
  ctx.set('Cache-Control', 'no-store');
  ctx.type = 'text/plain';
  ctx.body = 'alive\n';
  return undefined;
};

/**
 * RFC 8414 3.1: for an issuer with a path, OAuth metadata is asked for with the well-known part put before that path. The
 * engine answers below the path only, so the address is rewritten on its way in.
 */
export function metadataBeforePath(issuer: URL): PageMiddleware {
  const basePath = issuer.pathname.replace(/\/$/, '');
  const suffix = '/.well-known/oauth-authorization-server';
  return (ctx, next) => {
    if (basePath !== '' && ctx.path === `${suffix}${basePath}`) {
      ctx.path = `${basePath}${suffix}`;
      ctx.req.url = ctx.url;
      ctx.originalUrl = ctx.url;
    }
    return next();
  };
}

/** `/.well-known/change-password` (W3C): where password managers send people; the account page has the form. */
export function changePassword(accountPage: string): PageMiddleware {
  return (ctx, next) => {
    if (ctx.path !== '/.well-known/change-password') return next();
    ctx.redirect(accountPage);
    return undefined;
  };
}

/** Runs a middleware for these paths alone. */
export function onlyOn(paths: readonly string[], middleware: PageMiddleware): PageMiddleware {
  return (ctx, next) => (paths.includes(ctx.path) ? middleware(ctx, next) : next());
}
