import type Router from '@koa/router';
import { z } from 'zod';
import type { BotCheck, BotVerdict } from '../../server/accounts/bot-check.ts';
import type { AskForResetUse } from '../../server/authn/reset/ask-for-reset.ts';
import type { WayBack } from '../../server/authn/reset/reset-request.ts';
import type { PageContext, RequestState } from '../../server/http/context.ts';
import type { Csrf } from '../../server/http/csrf.ts';
import { actorOf, basePathOf } from '../../server/http/page-context.ts';
import type { Render } from '../../server/http/render.ts';
import { wordsOfVerdict } from '../bot-verdict.ts';
import { forgotUrl, interactionUrl } from '../urls.ts';

export interface ForgotPasswordDeps {
  issuer: string;
  render: Render;
  csrf: Csrf;
  askForReset: AskForResetUse;
  botCheck: BotCheck;
}

const path = '/forgot-password';
const purpose = 'forgot password';

const forgotForm = z.object({
  email: z.string().max(1024).default(''),
  interaction: z.string().max(64).optional(),
  client_id: z.string().max(512).optional(),
  challenge: z.string().max(512).default(''),
  proof: z.string().max(512).default(''),
});

/** `/forgot-password`: whatever is typed, the answer is the same (ATTACKS D01). */
export function addForgotPassword(router: Router<RequestState, object>, deps: ForgotPasswordDeps): void {
  router.get(path, (ctx) => {
    const wayBack = readWayBack(ctx.query.interaction, ctx.query.client_id);
    renderForm(deps, ctx, { email: '', wayBack });
  });
  router.post(path, (ctx) => submit(deps, ctx));
}

async function submit(deps: ForgotPasswordDeps, ctx: PageContext): Promise<void> {
  const form = await deps.csrf.readForm(ctx, purpose, forgotForm);
  const wayBack = readWayBack(form.interaction, form.client_id);
  // Before anything of the form is looked at: what is typed changes nothing in this answer either.
  const verdict = await deps.botCheck.admit('forgot_password', form);
  if (verdict.kind !== 'passed') return renderForm(deps, ctx, { email: form.email, wayBack, verdict });
  await deps.askForReset({ name: form.email, wayBack, by: actorOf(ctx) });
  const basePath = basePathOf(deps.issuer);
  deps.render(ctx, 'forgot-password-sent', {
    again:
      wayBack === undefined
        ? `${basePath}${path}`
        : forgotUrl(basePath, wayBack.interaction, wayBack.clientId),
    back: wayBack === undefined ? null : hrefOf(basePath, wayBack),
  });
}

function renderForm(
  { issuer, render, csrf, botCheck }: ForgotPasswordDeps,
  ctx: PageContext,
  { email, wayBack, verdict }: { email: string; wayBack: WayBack | undefined; verdict?: BotVerdict },
): void {
  const basePath = basePathOf(issuer);
  const model = {
    form: { action: `${basePath}${path}`, csrf: csrf.token(ctx, purpose) },
    email,
    wayBack: wayBack === undefined ? null : { ...wayBack, href: hrefOf(basePath, wayBack) },
    challenge: botCheck.challenge('forgot_password') ?? null,
    notSent: verdict === undefined ? null : wordsOfVerdict(verdict, { hasPassword: false }),
  };
  render(ctx, 'forgot-password', model, verdict === undefined ? 200 : 422);
}

/** What no interaction can be called is not kept. */
function readWayBack(interaction: unknown, clientId: unknown): WayBack | undefined {
  if (typeof interaction !== 'string' || typeof clientId !== 'string') return undefined;
  return /^[\w-]{1,64}$/.test(interaction) && clientId !== '' ? { interaction, clientId } : undefined;
}

const hrefOf = (basePath: string, { interaction, clientId }: WayBack): string =>
  interactionUrl(basePath, interaction, clientId);
