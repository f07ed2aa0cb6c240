import Router from '@koa/router';
import { errors } from 'oidc-provider';
import { z } from 'zod';
import type { HashingQueue } from '../server/authn/hashing-queue.ts';
import type { RequestState, RoutedContext } from '../server/http/context.ts';
import { formArrived } from '../server/http/form.ts';
import { type ConsentDeps, showConsent, submitConsent } from './consent.ts';
import { finishRefused, leadOn } from './finish.ts';
import { type LoadDeps, loadInteraction, type OpenInteraction, showExpired } from './load.ts';
import { type LoginDeps, showLogin, submitLogin } from './login.ts';
import { showSignUp, submitSignUp } from './sign-up/form.ts';
import { goOn, resend, type SignUpWaitingDeps, showWaiting, tellState } from './sign-up/waiting.ts';
import { submitTerms } from './terms.ts';
import { formPurpose } from './urls.ts';
import { resendVerification } from './verify-first.ts';

export type InteractionDeps = LoadDeps &
  LoginDeps &
  ConsentDeps &
  SignUpWaitingDeps & {
    /** Sign-ins at work and waiting, as many as may be: more are refused before anything is looked up. */
    signIns: Pick<HashingQueue, 'run'>;
  };

type Step = (deps: InteractionDeps, ctx: RoutedContext, open: OpenInteraction) => Promise<void>;

/** The engine's prompts and the steps that answer them. */
const shows: Readonly<Record<string, Step>> = {
  login: showLogin,
  create: showSignUp,
  consent: showConsent,
};

/** Who is asked to sign in may sign up, and who is asked to sign up may have an account. */
const entering = ['login', 'create'];

/** Everything below `/interaction/:uid`; see interactionUrl. */
export function makeInteractionRouter(deps: InteractionDeps): Router<RequestState, object> {
  const router = new Router<RequestState, object>();
  const at = (step: Step) => (ctx: RoutedContext) => withInteraction(deps, ctx, step);
  // A form's own address shows the step too: that is where a reload after a refusal leads.
  router.get(['/interaction/:uid', '/interaction/:uid/consent', '/interaction/:uid/cancel'], at(show));
  router.get(
    ['/interaction/:uid/login', '/interaction/:uid/verify-first', '/interaction/:uid/terms'],
    at(only(entering, showLogin)),
  );
  router.post('/interaction/:uid/terms', at(only(entering, acceptTerms)));
  router.post('/interaction/:uid/verify-first', at(only(entering, resendVerification)));
  router.post('/interaction/:uid/login', async (ctx: RoutedContext) => {
    await formArrived(ctx);
    await deps.signIns.run(() => withInteraction(deps, ctx, only(entering, submitLogin)));
  });
  router.post('/interaction/:uid/consent', at(only(['consent'], submitConsent)));
  router.get('/interaction/:uid/sign-up', at(only(entering, showSignUp)));
  router.post('/interaction/:uid/sign-up', at(only(entering, submitSignUp)));
  router.get('/interaction/:uid/sign-up/waiting', at(only(entering, showWaiting)));
  router.get(
    ['/interaction/:uid/sign-up/continue', '/interaction/:uid/sign-up/resend'],
    at(only(entering, showWaiting)),
  );
  router.get('/interaction/:uid/sign-up/state', at(only(entering, tellState)));
  router.post('/interaction/:uid/sign-up/resend', at(only(entering, resend)));
  router.post('/interaction/:uid/sign-up/continue', at(only(entering, goOn)));
  router.post('/interaction/:uid/cancel', at(cancel));
  return router;
}

/**
 * Loads, then takes the step. An interaction that has ended stays as it ended: a second click or a page from the history
 * only leads on to where the first one led.
 */
async function withInteraction(deps: InteractionDeps, ctx: RoutedContext, step: Step): Promise<void> {
  const open = await loadInteraction(deps, ctx);
  if (open === undefined) return showExpired(deps, ctx);
  const { result, returnTo } = open.interaction;
  if (result !== undefined) return leadOn(deps, ctx, returnTo);
  try {
    await step(deps, ctx, open);
  } catch (error) {
    // The same form, sent twice at once: the other one was first.
    if (!(error instanceof errors.SessionNotFound)) throw error;
    leadOn(deps, ctx, returnTo);
  }
}

function show(deps: InteractionDeps, ctx: RoutedContext, open: OpenInteraction): Promise<void> {
  const { name } = open.interaction.prompt;
  const step = Object.hasOwn(shows, name) ? shows[name] : undefined;
  if (step === undefined) throw new Error(`no page for the prompt ${name}`);
  return step(deps, ctx, open);
}

/** A form or page of another prompt than the present one is old: the present one is shown instead. */
function only(prompts: readonly string[], step: Step): Step {
  return (deps, ctx, open) =>
    prompts.includes(open.interaction.prompt.name) ? step(deps, ctx, open) : show(deps, ctx, open);
}

/** What took too long to read begins with the password again. */
async function acceptTerms(deps: InteractionDeps, ctx: RoutedContext, open: OpenInteraction): Promise<void> {
  if (!(await submitTerms(deps, ctx, open))) await showLogin(deps, ctx, open);
}

async function cancel(
  deps: InteractionDeps,
  ctx: RoutedContext,
  { interaction }: OpenInteraction,
): Promise<void> {
  await deps.csrf.readForm(ctx, formPurpose(interaction.uid), z.object({}));
  return finishRefused(deps, ctx);
}
