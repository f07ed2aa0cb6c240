import Router from '@koa/router';
import type { RequestState } from '../../server/http/context.ts';
import type { Csrf } from '../../server/http/csrf.ts';
import type { Render } from '../../server/http/render.ts';
import { type ActivityPageDeps, addActivityPage } from './activity.ts';
import { type AppsPageDeps, addAppsPage } from './apps.ts';
import { addDataPage, type DataPageDeps } from './data.ts';
import { addEmailPage, type EmailPageDeps } from './email.ts';
import { addEmailLinks, type EmailLinkDeps } from './email-links.ts';
import { addPicturePage, type PicturePageDeps } from './picture.ts';
import { addProfilePage, type ProfilePageDeps } from './profile.ts';
import { addSecurityPage, type SecurityPageDeps } from './security.ts';
import { addSessionsPage, type SessionsPageDeps } from './sessions.ts';
import { makeSignInAgain, type SignInAgainDeps } from './sign-in-again.ts';
import { makeSignedInOnly, type SignedInDeps } from './signed-in.ts';
import { addSupportPage, type SupportPageDeps } from './support.ts';
import { addVerifyEmailPage, type VerifyEmailPageDeps } from './verify-email.ts';

export interface AccountPagesDeps
  extends SignInAgainDeps,
    VerifyEmailPageDeps,
    Omit<SignedInDeps, 'signInAgain'>,
    Omit<EmailPageDeps & EmailLinkDeps, 'changeNotificationEmail'>,
    ProfilePageDeps,
    PicturePageDeps,
    DataPageDeps,
    SupportPageDeps,
    SecurityPageDeps,
    SessionsPageDeps,
    AppsPageDeps,
    ActivityPageDeps {
  changeNotificationEmail: EmailPageDeps['changeNotificationEmail'] &
    EmailLinkDeps['changeNotificationEmail'];
  render: Render;
  csrf: Csrf;
}

/** The pages below `/account/` on which people see and change what this server knows of them. */
export function makeAccountPagesRouter(deps: AccountPagesDeps): Router<RequestState, object> {
  const router = new Router<RequestState, object>();
  const signInAgain = makeSignInAgain(deps);
  const only = makeSignedInOnly({ ...deps, signInAgain });
  router.get('/account/back', (ctx) => {
    ctx.set('Cache-Control', 'no-store');
    ctx.redirect(signInAgain.returnPath(ctx));
  });
  addProfilePage(router, only, deps);
  addVerifyEmailPage(router, only, deps);
  addPicturePage(router, only, deps);
  addEmailPage(router, only, deps);
  addEmailLinks(router, deps);
  addSecurityPage(router, only, deps);
  addSessionsPage(router, only, deps);
  addAppsPage(router, only, deps);
  addActivityPage(router, only, deps);
  addDataPage(router, only, deps);
  addSupportPage(router, only, deps);
  return router;
}
