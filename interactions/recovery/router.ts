import Router from '@koa/router';
import type { RequestState } from '../../server/http/context.ts';
import { basePathOf } from '../../server/http/page-context.ts';
import { addForgotPassword, type ForgotPasswordDeps } from './forgot-password.ts';
import { addResetPassword, type ResetPasswordPageDeps } from './reset-password.ts';

export type RecoveryPageDeps = ForgotPasswordDeps & ResetPasswordPageDeps;

/** The pages by which somebody who is not signed in gets a new password. */
export function makeRecoveryRouter(deps: RecoveryPageDeps): Router<RequestState, object> {
  const router = new Router<RequestState, object>();
  addForgotPassword(router, deps);
  addResetPassword(router, deps);
  // Password managers look here for the page where a password is changed (W3C, A Well-Known URL for Changing Passwords).
  router.get('/.well-known/change-password', (ctx) => {
    ctx.set('Cache-Control', 'no-store');
    ctx.redirect(`${basePathOf(deps.issuer)}/account/security`);
  });
  return router;
}
