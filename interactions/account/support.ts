import type Router from '@koa/router';
import { z } from 'zod';
import { nameOf } from '../../server/accounts/account.ts';
import { accountClientId } from '../../server/clients/built-in.ts';
import { AppError } from '../../server/errors.ts';
import type { RequestState, RoutedContext } from '../../server/http/context.ts';
import type { Csrf } from '../../server/http/csrf.ts';
import { actorOf, basePathOf } from '../../server/http/page-context.ts';
import type { Render } from '../../server/http/render.ts';
import type { BeginSupport, FindSupport } from '../../server/sessions/support/begin-support.ts';
import { supportHint } from '../support-login.ts';
import type { SignedIn, SignedInOnly } from './signed-in.ts';

export interface SupportPageDeps {
  issuer: string;
  render: Render;
  csrf: Csrf;
  findSupport: FindSupport;
  beginSupport: BeginSupport;
  /** A new secret of 256 bits, base64url: `randomIds.secret`. */
  newSecret: () => string;
}

const path = '/account/support/:id';

/**
 * `/account/support/:id`: an operator, signed in as themselves a moment ago, begins what they asked for by the admin API. To anybody
 * else the page is not there.
 */
export function addSupportPage(
  router: Router<RequestState, object>,
  { recentlySignedIn }: SignedInOnly,
  deps: SupportPageDeps,
): void {
  router.get(
    path,
    recentlySignedIn((ctx, person) => show(deps, ctx, person)),
  );
  router.post(
    path,
    recentlySignedIn((ctx, person) => begin(deps, ctx, person)),
  );
}

async function show(deps: SupportPageDeps, ctx: RoutedContext, { account, formPurpose }: SignedIn) {
  const found = await deps.findSupport({ id: ctx.params.id ?? '', operatorId: account.id });
  if (found === undefined) throw new AppError('support_over');
  const { session, person } = found;
  deps.render(ctx, 'account-support', {
    form: {
      action: `${basePathOf(deps.issuer)}/account/support/${session.id}`,
      csrf: deps.csrf.token(ctx, formPurpose),
    },
    person: nameOf(person),
    operator: nameOf(account),
    reason: session.reason,
    minutes: session.minutes,
  });
}

/** From here the browser goes through an ordinary authorization request, in which support-login.ts answers the sign-in. */
async function begin(deps: SupportPageDeps, ctx: RoutedContext, { account, formPurpose }: SignedIn) {
  await deps.csrf.readForm(ctx, formPurpose, z.object({}));
  const id = ctx.params.id ?? '';
  const outcome = await deps.beginSupport({ id, operatorId: account.id, by: actorOf(ctx, account.id) });
  if (outcome.kind === 'over' || outcome.kind === 'missing') throw new AppError('support_over');
  if (outcome.kind !== 'begun') throw new AppError('support_refused');
  const url = new URL(`${deps.issuer}/oauth2/authorize`);
  url.search = new URLSearchParams({
    client_id: accountClientId,
    redirect_uri: `${deps.issuer}/account/back`,
    response_type: 'code',
    scope: 'openid',
    prompt: 'login',
    login_hint: supportHint(id),
    code_challenge: deps.newSecret(),
    code_challenge_method: 'S256',
  }).toString();
  ctx.status = 303;
  ctx.set('Cache-Control', 'no-store');
  ctx.redirect(url.href);
}
