import type Router from '@koa/router';
import { z } from 'zod';
import type { ConfirmSignUp, SignUpLink } from '../../server/accounts/sign-up/confirm-sign-up.ts';
import type { ConfirmEmail, VerificationLink } from '../../server/accounts/verify-email/confirm-email.ts';
import type { Clock } from '../../server/clock.ts';
import type { PageContext, RequestState } from '../../server/http/context.ts';
import type { Csrf } from '../../server/http/csrf.ts';
import { actorOf, basePathOf } from '../../server/http/page-context.ts';
import type { SignUpCookie } from '../../server/http/sign-up-cookie.ts';
import type { ViewModels } from '../../server/http/view-models.ts';
import { describeClient } from '../client-card.ts';
import { type FinishDeps, finishLoginOf } from '../finish.ts';
import { findOnward, type WayBack } from '../onward.ts';
import { signedUp } from './waiting.ts';

export interface VerifyEmailDeps extends FinishDeps {
  issuer: string;
  csrf: Csrf;
  clock: Clock;
  signUpCookie: SignUpCookie;
  confirmSignUp: ConfirmSignUp;
  confirmEmail: ConfirmEmail;
}

const path = '/verify-email';
const purpose = 'verify email';

const verifyForm = z.object({ token: z.string().max(256).default('') });

/**
 * `/verify-email?token=…`, for the address of a sign-up and for that of an account: opening the link uses nothing up (mail
 * scanners and previews open links too, ATTACKS F06).
 */
export function addVerifyEmail(router: Router<RequestState, object>, deps: VerifyEmailDeps): void {
  router.get(path, (ctx) => show(deps, ctx));
  router.post(path, (ctx) => submit(deps, ctx));
}

async function show(deps: VerifyEmailDeps, ctx: PageContext): Promise<void> {
  const token = typeof ctx.query.token === 'string' ? ctx.query.token : '';
  const signUp = await deps.confirmSignUp.look(token, deps.signUpCookie.read(ctx));
  if (signUp.state === 'live') {
    const { email, origin, isHere, startedAt } = signUp;
    return renderForm(deps, ctx, token, { email, origin, at: startedAt, isHere, isSignUp: true });
  }
  if (signUp.state !== 'unknown') return renderSignUpOver(deps, ctx, signUp);
  const link = await deps.confirmEmail.look(token);
  if (link.state !== 'live') return renderOver(deps, ctx, link);
  const { email, origin, sentAt } = link;
  return renderForm(deps, ctx, token, { email, origin, at: sentAt, isHere: true, isSignUp: false });
}

async function submit(deps: VerifyEmailDeps, ctx: PageContext): Promise<void> {
  const { token } = await deps.csrf.readForm(ctx, purpose, verifyForm);
  const outcome = await deps.confirmSignUp.confirm(token, deps.signUpCookie.read(ctx), actorOf(ctx));
  if (outcome.kind === 'over') {
    if (outcome.link.state === 'unknown') return submitForAccount(deps, ctx, token);
    return renderSignUpOver(deps, ctx, outcome.link);
  }
  const { accountId, email, origin, isHere, usernameTaken } = outcome;
  // This browser has signed up: it is the one that began the interaction, and the password was typed here.
  if (isHere && !usernameTaken) {
    const pending = signedUp(accountId, deps.clock.now());
    if (await finishLoginOf(deps, ctx, origin.interaction, pending)) return;
  }
  deps.render(ctx, 'verify-email-done', {
    email,
    usernameTaken,
    where: isHere ? 'verify.done.here' : 'verify.done.elsewhere',
    onward: isHere ? await findOnward(deps, origin) : null,
  });
}

async function submitForAccount(deps: VerifyEmailDeps, ctx: PageContext, token: string): Promise<void> {
  const outcome = await deps.confirmEmail.confirm(token, actorOf(ctx));
  if (outcome.kind === 'over') return renderOver(deps, ctx, outcome.link);
  deps.render(ctx, 'verify-email-done', {
    email: outcome.email,
    usernameTaken: false,
    where: 'verify.done.account_text',
    onward: await findOnward(deps, outcome.origin),
  });
}

async function renderForm(
  deps: VerifyEmailDeps,
  ctx: PageContext,
  token: string,
  {
    email,
    origin,
    at,
    isHere,
    isSignUp,
  }: {
    email: string;
    origin: WayBack | undefined;
    at: Date;
    isHere: boolean;
    isSignUp: boolean;
  },
): Promise<void> {
  const client = origin && (await deps.engine().Client.find(origin.clientId));
  deps.render(ctx, 'verify-email', {
    form: { action: `${basePathOf(deps.issuer)}${path}`, csrf: deps.csrf.token(ctx, purpose) },
    token,
    email,
    client: client === undefined ? null : describeClient(client).name,
    startedAt: at.toISOString(),
    isHere,
    isSignUp,
  });
}

type Why = ViewModels['verify-email-link']['why'];

/** Each link that does nothing says why, and what to do next. */
async function renderSignUpOver(deps: VerifyEmailDeps, ctx: PageContext, link: SignUpLink): Promise<void> {
  const why = link.state === 'live' ? 'ended' : link.state;
  const origin = link.state !== 'unknown' && link.isHere ? link.origin : undefined;
  await renderWhy(deps, ctx, why, { again: '/sign-up', origin });
}

async function renderOver(deps: VerifyEmailDeps, ctx: PageContext, link: VerificationLink): Promise<void> {
  const why = link.state === 'live' ? 'ended' : link.state;
  const origin = link.state === 'unknown' ? undefined : link.origin;
  await renderWhy(deps, ctx, why, { again: '/account/verify-email', origin });
}

async function renderWhy(
  deps: VerifyEmailDeps,
  ctx: PageContext,
  why: Why,
  { again, origin }: { again: string; origin: WayBack | undefined },
): Promise<void> {
  const basePath = basePathOf(deps.issuer);
  const model = { why, forgot: `${basePath}/forgot-password`, again: `${basePath}${again}` };
  const onward = await findOnward(deps, origin);
  deps.render(ctx, 'verify-email-link', { ...model, onward }, why === 'used' ? 200 : 400);
}
