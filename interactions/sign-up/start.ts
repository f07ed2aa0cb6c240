import type Router from '@koa/router';
import type { AskForAccountUse } from '../../server/accounts/sign-up/ask-for-account.ts';
import { accountClientId } from '../../server/clients/built-in.ts';
import type { PageContext, RequestState } from '../../server/http/context.ts';
import type { Render } from '../../server/http/render.ts';

export interface StartSignUpDeps {
  issuer: string;
  render: Render;
  askForAccount: Pick<AskForAccountUse, 'isOpen'>;
  newSecret: () => string;
}

/**
 * `/sign-up`: a sign-up that no app has asked for is one of the account page. It is an ordinary authorization request of that
 * built-in client with `prompt=create`, so that there is one way to sign up; its code is not taken for tokens, which is why
 * nobody keeps the verifier of its challenge (RFC 7636).
 */
export function addStartSignUp(router: Router<RequestState, object>, deps: StartSignUpDeps): void {
  router.get('/sign-up', (ctx) => start(deps, ctx));
  router.post('/sign-up', (ctx) => start(deps, ctx));
}

function start({ issuer, render, askForAccount, newSecret }: StartSignUpDeps, ctx: PageContext): void {
  ctx.set('Cache-Control', 'no-store');
  if (!askForAccount.isOpen({})) {
    render(ctx, 'sign-up-closed', { signIn: `${issuer}/account` }, 403);
    return;
  }
  const url = new URL(`${issuer}/oauth2/authorize`);
  url.search = new URLSearchParams({
    client_id: accountClientId,
    redirect_uri: `${issuer}/account/back`,
    response_type: 'code',
    scope: 'openid',
    prompt: 'create',
    code_challenge: newSecret(),
    code_challenge_method: 'S256',
  }).toString();
  ctx.status = 303;
  ctx.redirect(url.href);
}
