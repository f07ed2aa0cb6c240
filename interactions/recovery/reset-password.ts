import type Router from '@koa/router';
import type { default as Provider } from 'oidc-provider';
import { z } from 'zod';
import type { LinkFault } from '../../server/accounts/look-at-link.ts';
import type { ResetPassword } from '../../server/authn/reset/reset-password.ts';
import type { PageContext, RequestState } from '../../server/http/context.ts';
import type { Csrf } from '../../server/http/csrf.ts';
import { actorOf, basePathOf } from '../../server/http/page-context.ts';
import type { Render } from '../../server/http/render.ts';
import type { MessageKey } from '../../server/http/words.ts';
import { findOnward } from '../onward.ts';

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
  const link = await deps.resetPassword.look(token);
  if (link.kind === 'over') return renderOver(deps, ctx, link.why);
  renderForm(deps, ctx, { token, isInitial: link.isInitial, fault: null });
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
      return renderForm(deps, ctx, { token, isInitial: false, fault: outcome.fault });
    default:
      return outcome satisfies never;
  }
}

function renderForm(
  { issuer, render, csrf }: ResetPasswordPageDeps,
  ctx: PageContext,
  { token, isInitial, fault }: { token: string; isInitial: boolean; fault: string | null },
): void {
  const form = { action: `${basePathOf(issuer)}${path}`, csrf: csrf.token(ctx, purpose) };
  const lead = isInitial ? 'reset.initial' : 'reset.text';
  render(ctx, 'reset-password', { form, token, lead, fault }, fault === null ? 200 : 422);
}

function renderOver({ issuer, render }: ResetPasswordPageDeps, ctx: PageContext, why: LinkFault): void {
  const model = { why: whyOver[why], isUsed: why === 'used', again: `${basePathOf(issuer)}/forgot-password` };
  render(ctx, 'reset-password-link', model, 400);
}

const whyOver = {
  used: 'reset.link.used',
  ended: 'reset.link.ended',
  expired: 'reset.link.expired',
  unknown: 'reset.link.unknown',
} as const satisfies Record<LinkFault, MessageKey>;
