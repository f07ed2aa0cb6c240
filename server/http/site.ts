import type { Middleware } from 'koa';
import { AppError } from '../errors.ts';

/** Names under which a browser on the same machine may reach a server whose issuer is another of them. */
const loopbackNames = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * Answers only for the issuer's host: links, redirects and cookies must never depend on what a stranger calls us.
 * In evaluation mode a person who opened the server under another loopback name is led to the right one.
 */
export function onlyForIssuer(issuer: URL): Middleware {
  return async (ctx, next) => {
    const { host } = ctx.state.peer;
    if (host === issuer.host) return next();
    const isAlias = loopbackNames.has(issuer.hostname) && loopbackNames.has(host.replace(/:\d+$/, ''));
    if (isAlias && (ctx.method === 'GET' || ctx.method === 'HEAD')) {
      ctx.status = 307;
      ctx.set('Location', issuer.origin + ctx.req.url);
      ctx.body = null;
      return undefined;
    }
    throw new AppError('misdirected', { detail: `asked for host ${host}` });
  };
}

/** Longest address that is read; beyond it nothing of ours is meant. */
const longestUrl = 16 * 1024;

/** Refuses what no page or endpoint could mean: endless addresses, and NUL characters, which the database cannot hold. */
export const plainAddresses: Middleware = async (ctx, next) => {
  const url = ctx.req.url ?? '/';
  if (url.length > longestUrl) throw new AppError('uri_too_long');
  if (/%00|\0/.test(url))
    throw new AppError('invalid_input', { message: 'The address contains a NUL character.' });
  return next();
};
