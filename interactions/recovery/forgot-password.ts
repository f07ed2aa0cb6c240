import type Router from '@koa/router';
import { z } from 'zod';
import type { AskForResetUse } from '../../server/authn/reset/ask-for-reset.ts';
import type { WayBack } from '../../server/authn/reset/reset-request.ts';
import type { PageContext, RequestState } from '../../server/http/context.ts';
import type { Csrf } from '../../server/http/csrf.ts';
import { actorOf, basePathOf } from '../../server/http/page-context.ts';
import type { Render } from '../../server/http/render.ts';
import { forgotUrl, interactionUrl } from '../urls.ts';

export interface ForgotPasswordDeps {
  issuer: string;
  render: Render;
  csrf: Csrf;
  askForReset: AskForResetUse;
}

const path = '/forgot-password';
const purpose = 'forgot password';

const forgotForm = z.object({
  email: z.string().max(1024).default(''),
  interaction: z.string().max(64).optional(),
  client_id: z.string().max(512).optional(),
});

/** `/forgot-password`: whatever is typed, the answer is the same (ATTACKS D01). */
export function addForgotPassword(router: Router<RequestState, object>, deps: ForgotPasswordDeps): void {
  const basePath = basePathOf(deps.issuer);
  router.get(path, (ctx) => {
    const wayBack = readWayBack(ctx.query.interaction, ctx.query.client_id);
    deps.render(ctx, 'forgot-password', {
      form: { action: `${basePath}${path}`, csrf: deps.csrf.token(ctx, purpose) },
      wayBack: wayBack === undefined ? null : { ...wayBack, href: hrefOf(basePath, wayBack) },
    });
  });
  router.post(path, (ctx) => submit(deps, ctx));
}

async function submit(deps: ForgotPasswordDeps, ctx: PageContext): Promise<void> {
  const form = await deps.csrf.readForm(ctx, purpose, forgotForm);
  const wayBack = readWayBack(form.interaction, form.client_id);
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

/** What no interaction can be called is not kept. */
function readWayBack(interaction: unknown, clientId: unknown): WayBack | undefined {
  if (typeof interaction !== 'string' || typeof clientId !== 'string') return undefined;
  return /^[\w-]{1,64}$/.test(interaction) && clientId !== '' ? { interaction, clientId } : undefined;
}

const hrefOf = (basePath: string, { interaction, clientId }: WayBack): string =>
  interactionUrl(basePath, interaction, clientId);
