import type Router from '@koa/router';
import { z } from 'zod';
import type { SendVerification } from '../../server/accounts/verify-email/send-verification.ts';
import type { RequestState, RoutedContext } from '../../server/http/context.ts';
import type { Csrf } from '../../server/http/csrf.ts';
import { actorOf, basePathOf } from '../../server/http/page-context.ts';
import type { Render } from '../../server/http/render.ts';
import { accountLinks } from './pages.ts';
import type { SignedIn, SignedInOnly } from './signed-in.ts';

export interface VerifyEmailPageDeps {
  issuer: string;
  render: Render;
  csrf: Csrf;
  sendVerification: SendVerification;
}

const path = '/account/verify-email';

/** `/account/verify-email`: asks for the mail that confirms one's address. */
export function addVerifyEmailPage(
  router: Router<RequestState, object>,
  { signedIn }: SignedInOnly,
  deps: VerifyEmailPageDeps,
): void {
  router.get(
    path,
    signedIn((ctx, person) => show(deps, ctx, person, false)),
  );
  router.post(
    path,
    signedIn(async (ctx, person) => {
      await deps.csrf.readForm(ctx, person.formPurpose, z.object({}));
      await deps.sendVerification({ accountId: person.account.id, by: actorOf(ctx, person.account.id) });
      show(deps, ctx, person, true);
    }),
  );
}

function show(
  { issuer, render, csrf }: VerifyEmailPageDeps,
  ctx: RoutedContext,
  { account, formPurpose }: SignedIn,
  isAsked: boolean,
): void {
  const basePath = basePathOf(issuer);
  render(ctx, 'account-verify-email', {
    pages: accountLinks(basePath, '/account/profile'),
    form: { action: `${basePath}${path}`, csrf: csrf.token(ctx, formPurpose) },
    email: account.email,
    emailVerified: account.emailVerified,
    isAsked,
  });
}
