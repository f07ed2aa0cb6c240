import type Router from '@koa/router';
import { z } from 'zod';
import type { ConfirmSignUp, SignUpLink } from '../../server/accounts/sign-up/confirm-sign-up.ts';
import type { Clock } from '../../server/clock.ts';
import type { PageContext, RequestState } from '../../server/http/context.ts';
import type { Csrf } from '../../server/http/csrf.ts';
import { actorOf, basePathOf } from '../../server/http/page-context.ts';
import type { SignUpCookie } from '../../server/http/sign-up-cookie.ts';
import { describeClient } from '../client-card.ts';
import { type FinishDeps, finishLoginOf } from '../finish.ts';
import { findOnward } from '../onward.ts';
import { signedUp } from './waiting.ts';

export interface VerifyEmailDeps extends FinishDeps {
  issuer: string;
  csrf: Csrf;
  clock: Clock;
  signUpCookie: SignUpCookie;
  confirmSignUp: ConfirmSignUp;
}

const path = '/verify-email';
const purpose = 'verify email';

const verifyForm = z.object({ token: z.string().max(256).default('') });

/** `/verify-email?token=…`: opening the link uses nothing up (mail scanners and previews open links too, ATTACKS F06). */
export function addVerifyEmail(router: Router<RequestState, object>, deps: VerifyEmailDeps): void {
  router.get(path, (ctx) => show(deps, ctx));
  router.post(path, (ctx) => submit(deps, ctx));
}

async function show(deps: VerifyEmailDeps, ctx: PageContext): Promise<void> {
  const token = typeof ctx.query.token === 'string' ? ctx.query.token : '';
  const link = await deps.confirmSignUp.look(token, deps.signUpCookie.read(ctx));
  if (link.state !== 'live') return renderOver(deps, ctx, link);
  const client = await deps.engine().Client.find(link.origin.clientId);
  deps.render(ctx, 'verify-email', {
    form: { action: `${basePathOf(deps.issuer)}${path}`, csrf: deps.csrf.token(ctx, purpose) },
    token,
    email: link.email,
    client: client === undefined ? null : describeClient(client).name,
    startedAt: link.startedAt.toISOString(),
    isHere: link.isHere,
  });
}

async function submit(deps: VerifyEmailDeps, ctx: PageContext): Promise<void> {
  const { token } = await deps.csrf.readForm(ctx, purpose, verifyForm);
  const outcome = await deps.confirmSignUp.confirm(token, deps.signUpCookie.read(ctx), actorOf(ctx));
  if (outcome.kind === 'over') return renderOver(deps, ctx, outcome.link);
  const { accountId, email, origin, isHere, usernameTaken } = outcome;
  // This browser has signed up: it is the one that began the interaction, and the password was typed here.
  if (isHere && !usernameTaken) {
    const pending = signedUp(accountId, deps.clock.now());
    if (await finishLoginOf(deps, ctx, origin.interaction, pending)) return;
  }
  deps.render(ctx, 'verify-email-done', {
    email,
    usernameTaken,
    isHere,
    onward: await findOnward(deps, isHere ? origin : undefined),
  });
}

/** Each link that does nothing says why, and what to do next. */
async function renderOver(deps: VerifyEmailDeps, ctx: PageContext, link: SignUpLink): Promise<void> {
  const why = link.state === 'live' ? 'ended' : link.state;
  const isHere = link.state !== 'unknown' && link.isHere;
  const origin = link.state !== 'unknown' && isHere ? link.origin : undefined;
  deps.render(
    ctx,
    'verify-email-link',
    {
      why,
      forgot: `${basePathOf(deps.issuer)}/forgot-password`,
      again: `${basePathOf(deps.issuer)}/sign-up`,
      onward: await findOnward(deps, origin),
    },
    why === 'used' ? 200 : 400,
  );
}
