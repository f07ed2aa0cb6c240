import type Router from '@koa/router';
import type { RequestState } from '../../server/http/context.ts';
import { basePathOf } from '../../server/http/page-context.ts';
import type { Render } from '../../server/http/render.ts';
import { accountLinks } from './pages.ts';
import type { SignedInOnly } from './signed-in.ts';

export interface ProfilePageDeps {
  issuer: string;
  render: Render;
}

/** `/account/profile`: who somebody is here. */
export function addProfilePage(
  router: Router<RequestState, object>,
  { signedIn }: SignedInOnly,
  { issuer, render }: ProfilePageDeps,
): void {
  const path = '/account/profile';
  router.get(
    path,
    signedIn((ctx, { account }) => {
      const { email, emailVerified, username, profile } = account;
      render(ctx, 'account-profile', {
        pages: accountLinks(basePathOf(issuer), path),
        name: profile.name ?? null,
        username,
        email,
        emailVerified,
      });
    }),
  );
}
