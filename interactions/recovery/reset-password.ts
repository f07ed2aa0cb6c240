import type Router from '@koa/router';
import type { default as Provider } from 'oidc-provider';
import { z } from 'zod';
import type { LinkFault, ResetPassword } from '../../server/authn/reset/reset-password.ts';
import type { WayBack } from '../../server/authn/reset/reset-request.ts';
import type { PageContext, RequestState } from '../../server/http/context.ts';
import type { Csrf } from '../../server/http/csrf.ts';
import { actorOf, basePathOf } from '../../server/http/page-context.ts';
import type { Render } from '../../server/http/render.ts';
import { describeClient, startAgainAt } from '../client-card.ts';
import { interactionUrl } from '../urls.ts';

export interface ResetPasswordPageDeps {
  issuer: string;
  render: Render;
  csrf: Csrf;
  engine: () => Provider;
  resetPassword: ResetPassword;
}

const path = '/reset-password';
const purpose = 'reset password';

const resetForm = z.object({
  token: z.string().max(256).default(''),
  new_password: z.string().max(8192).default(''),
});

/** `/reset-password?token=…`: opening the link uses nothing up (mail scanners and previews open links too, ATTACKS F06). */
export function addResetPassword(router: Router<RequestState, object>, deps: ResetPasswordPageDeps): void {
  router.get(path, (ctx) => show(deps, ctx));
  router.post(path, (ctx) => submit(deps, ctx));
}

async function show(deps: ResetPasswordPageDeps, ctx: PageContext): Promise<void> {
  const token = typeof ctx.query.token === 'string' ? ctx.query.token : '';
  const state = await deps.resetPassword.look(token);
  if (state !== 'live') return renderOver(deps, ctx, state);
  renderForm(deps, ctx, { token, fault: null });
}

async function submit(deps: ResetPasswordPageDeps, ctx: PageContext): Promise<void> {
  const { token, new_password: password } = await deps.csrf.readForm(ctx, purpose, resetForm);
  const outcome = await deps.resetPassword.reset({ token, password, by: actorOf(ctx) });
  switch (outcome.kind) {
    case 'reset':
      return deps.render(ctx, 'reset-password-done', { onward: await findOnward(deps, outcome.wayBack) });
    case 'over':
      return renderOver(deps, ctx, outcome.why);
    case 'refused':
      return renderForm(deps, ctx, { token, fault: outcome.fault });
    default:
      return outcome satisfies never;
  }
}

function renderForm(
  { issuer, render, csrf }: ResetPasswordPageDeps,
  ctx: PageContext,
  { token, fault }: { token: string; fault: string | null },
): void {
  const form = { action: `${basePathOf(issuer)}${path}`, csrf: csrf.token(ctx, purpose) };
  render(ctx, 'reset-password', { form, token, fault }, fault === null ? 200 : 422);
}

function renderOver({ issuer, render }: ResetPasswordPageDeps, ctx: PageContext, why: LinkFault): void {
  render(ctx, 'reset-password-link', { why, again: `${basePathOf(issuer)}/forgot-password` }, 400);
}

/** Back to the sign-in that the password was missing for, if it is still open; or else to where the app begins. */
async function findOnward({ issuer, engine }: ResetPasswordPageDeps, wayBack: WayBack | undefined) {
  const basePath = basePathOf(issuer);
  const account = { href: `${basePath}/account`, client: null };
  if (wayBack === undefined) return account;
  const client = await engine().Client.find(wayBack.clientId);
  if (client === undefined) return account;
  const { name } = describeClient(client);
  const interaction = await engine().Interaction.find(wayBack.interaction);
  if (interaction?.params.client_id === client.clientId && interaction.result === undefined)
    return { href: interactionUrl(basePath, wayBack.interaction, client.clientId), client: name };
  const start = startAgainAt(client, issuer);
  return start === null ? account : { href: start, client: name };
}
