import { AppError } from '../errors.ts';
import type { PageMiddleware } from '../http/context.ts';

/** What each endpoint answers to: RFC 6749 3.1 and 3.2, RFC 7009 2, RFC 7662 2.1, RFC 9126 2, RFC 8628 3.1, OIDC Core 5.3.1. */
const methods: Readonly<Record<string, string>> = {
  '/oauth2/authorize': 'GET, HEAD, POST',
  '/oauth2/token': 'POST',
  '/oauth2/userinfo': 'GET, HEAD, POST',
  '/oauth2/jwks': 'GET, HEAD',
  '/oauth2/introspect': 'POST',
  '/oauth2/revoke': 'POST',
  '/oauth2/par': 'POST',
  '/oauth2/device_authorization': 'POST',
  '/oauth2/logout': 'GET, HEAD, POST',
  '/oauth2/logout/confirm': 'POST',
  '/device': 'GET, HEAD, POST',
};

/** What the engine says may be kept: it is the same for everybody. */
const kept = ['/oauth2/jwks', '/.well-known/openid-configuration', '/.well-known/oauth-authorization-server'];

/**
 * Directly around the engine, for what its answers lack:
 *
 * - nothing but metadata and keys may be kept by anybody (RFC 6749 5.1); the engine leaves that out for some errors, for
 *   revocation and for the device page;
 * - the empty answer of a revocation has no type (RFC 7009 2.2), since strict clients refuse text where they expect JSON;
 * - an endpoint asked by a method that it does not know says so, instead of not being there (RFC 9110 15.5.6).
 *
 * @throws AppError method_not_allowed
 */
export const protocolAnswers: PageMiddleware = async (ctx, next) => {
  const { path } = ctx;
  if (!kept.includes(path)) ctx.set('Cache-Control', 'no-store');
  await next();
  if (path === '/oauth2/revoke' && ctx.status === 200) ctx.remove('Content-Type');
  const allowed = Object.hasOwn(methods, path) ? methods[path] : undefined;
  if (allowed !== undefined && ctx.status === 404 && !ctx.body) {
    ctx.set('Allow', allowed);
    throw new AppError('method_not_allowed');
  }
};
