import type { Middleware } from 'koa';
import { readFormText } from '../http/form.ts';

/** Where apps may send people by a form as well (OIDC Core 3.1.2.1, RP-Initiated Logout 1.0 2). */
const posted: readonly string[] = ['/oauth2/authorize', '/oauth2/logout'];

/**
 * Turns a posted request into the same one by GET. The form comes from another site, so our cookies, which are
 * SameSite=Lax, do not come with it; with the address that it is led to they do. Posting and opening are the same to us
 * otherwise: neither changes anything by itself.
 *
 * @throws AppError what readFormText throws.
 */
export const turnPostIntoGet: Middleware = async (ctx, next) => {
  if (ctx.method !== 'POST' || !posted.includes(ctx.path)) return next();
  const query = new URLSearchParams(await readFormText(ctx)).toString();
  const [address = ''] = ctx.originalUrl.split('?');
  ctx.status = 303;
  ctx.redirect(query === '' ? address : `${address}?${query}`);
};
