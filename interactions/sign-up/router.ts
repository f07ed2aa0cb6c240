import Router from '@koa/router';
import type { RequestState } from '../../server/http/context.ts';
import { addInvitation, type InvitationPageDeps } from './invitation.ts';
import { addStartSignUp, type StartSignUpDeps } from './start.ts';
import { addVerifyEmail, type VerifyEmailDeps } from './verify-email.ts';

export type SignUpPageDeps = StartSignUpDeps & VerifyEmailDeps & InvitationPageDeps;

/** The pages of sign-up that are not below an interaction. */
export function makeSignUpRouter(deps: SignUpPageDeps): Router<RequestState, object> {
  const router = new Router<RequestState, object>();
  addStartSignUp(router, deps);
  addVerifyEmail(router, deps);
  addInvitation(router, deps);
  return router;
}
