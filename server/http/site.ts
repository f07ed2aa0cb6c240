import type Koa from 'koa';
import { AppError } from '../errors.ts';
import type { PageMiddleware } from './context.ts';
import { makePeerResolver, type ProxyTrust } from './peer.ts';

/** Notes who asks, and for which host, before anything else looks. */
export function notePeer(trust: ProxyTrust): PageMiddleware {
  const resolve = makePeerResolver(trust);
  return (ctx, next) => {
    const { ip, host } = resolve(ctx.req);
    ctx.request.ip = ip;
    ctx.state.askedHost = host;
    return next();
  };
}

/**
 * Makes an application build its URLs, and decide whether cookies are secure, from the issuer alone: no header of a
 * stranger or a proxy has a say in it.
 */
export function pinToIssuer(app: Koa, issuer: URL): void {
  Object.defineProperties(app.request, {
    protocol: { get: () => issuer.protocol.slice(0, -1) },
    host: { get: () => issuer.host },
  });
}

/** Names under which a browser on the same machine may reach a server whose issuer is another of them. */
const loopbackNames = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * Answers only for the issuer's host: links, redirects and cookies must never depend on what a stranger calls us.
 * In evaluation mode a person who opened the server under another loopback name is led to the right one.
 */
export function onlyForIssuer(issuer: URL): PageMiddleware {
  return async (ctx, next) => {
    const host = ctx.state.askedHost ?? '';
    if (host === issuer.host) return next();
    const isAlias = loopbackNames.has(issuer.hostname) && loopbackNames.has(host.replace(/:\d+$/, ''));
    if (isAlias && (ctx.method === 'GET' || ctx.method === 'HEAD')) {
      ctx.status = 307;
      ctx.set('Location', issuer.origin + ctx.req.url);
      ctx.body = '';
      return undefined;
    }
    throw new AppError('misdirected', { detail: `asked for host ${host}` });
  };
}

/** Longest address that is read; beyond it nothing of ours is meant. */
const longestUrl = 16 * 1024;

/** Refuses what no page or endpoint could mean: endless addresses, and NUL characters, which the database cannot hold. */
export const plainAddresses: PageMiddleware = async (ctx, next) => {
  const url = ctx.req.url ?? '/';
  if (url.length > longestUrl) throw new AppError('uri_too_long');
  // The absolute form belongs to proxies; Koa would take host and scheme from it (RFC 9112 3.2.2).
  if (!url.startsWith('/')) throw new AppError('misdirected', { detail: 'request target in absolute form' });
  if (/%00|\0/.test(url))
    throw new AppError('invalid_input', { message: 'The address contains a NUL character.' });
  return next();
};
