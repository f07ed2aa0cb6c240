import type Router from '@koa/router';
import { accountClientId } from '../server/clients/built-in.ts';
import type { RequestState } from '../server/http/context.ts';
import { basePathOf } from '../server/http/page-context.ts';
import type { Render } from '../server/http/render.ts';
import { accountLinks } from './account/pages.ts';

export interface AccountPageDeps {
  issuer: string;
  render: Render;
}

/**
 * `/account` and the page after its sign-out. It is a public client of this server like any other (clients/built-in.ts);
 * signing in happens in the browser: views/static/account.
 */
export function addAccountPage(
  router: Router<RequestState, object>,
  { issuer, render }: AccountPageDeps,
): void {
  const basePath = basePathOf(issuer);
  router.get('/account', (ctx) => {
    render(ctx, 'account', {
      issuer,
      clientId: accountClientId,
      redirectUri: `${issuer}/account`,
      afterSignOut: `${issuer}/account/signed-out`,
      signOut: `${basePath}/oauth2/logout`,
      pages: accountLinks(basePath),
    });
  });
  router.get('/account/signed-out', (ctx) => {
    render(ctx, 'signed-out', { client: null, again: `${basePath}/account` });
  });
}
