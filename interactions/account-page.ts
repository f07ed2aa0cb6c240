import type Router from '@koa/router';
import type { RequestState } from '../server/http/context.ts';
import { basePathOf } from '../server/http/page-context.ts';
import type { Render } from '../server/http/render.ts';

export interface AccountPageDeps {
  issuer: string;
  render: Render;
}

/** The account page is a public client of this server like any other; these are its metadata (RFC 7591). */
export function accountClient(issuer: string) {
  return {
    id: 'gatehouse-account',
    redirectUri: `${issuer}/account`,
    postLogoutRedirectUri: `${issuer}/account/signed-out`,
  };
}

/** `/account` and the page after its sign-out. Signing in happens in the browser: views/static/account. */
export function addAccountPage(
  router: Router<RequestState, object>,
  { issuer, render }: AccountPageDeps,
): void {
  const { id, redirectUri, postLogoutRedirectUri } = accountClient(issuer);
  const basePath = basePathOf(issuer);
  router.get('/account', (ctx) => {
    render(ctx, 'account', {
      issuer,
      clientId: id,
      redirectUri,
      afterSignOut: postLogoutRedirectUri,
      signOut: `${basePath}/oauth2/logout`,
    });
  });
  router.get('/account/signed-out', (ctx) => {
    render(ctx, 'signed-out', { client: null, again: `${basePath}/account` });
  });
}
