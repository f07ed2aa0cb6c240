import type { InteractionResults, default as Provider } from 'oidc-provider';
import type { PageContext } from '../server/http/context.ts';
import type { Render } from '../server/http/render.ts';
import { loginResult, type PendingLogin } from './pending-login.ts';

export interface FinishDeps {
  render: Render;
  engine: () => Provider;
}

/** Ends the login prompt: this person is who they say. */
export function finishLogin(deps: FinishDeps, ctx: PageContext, pending: PendingLogin): Promise<void> {
  return end(deps, ctx, loginResult(pending));
}

/**
 * The same for a page outside of the interaction, to which its cookie is not sent: the caller MUST know by other means that
 * this browser began it (see sign-up/verify-email.ts).
 *
 * @returns false when the interaction is over, or asks for something else by now
 */
export async function finishLoginOf(
  deps: FinishDeps,
  ctx: PageContext,
  uid: string,
  pending: PendingLogin,
): Promise<boolean> {
  const interaction = await deps.engine().Interaction.find(uid);
  if (interaction === undefined || interaction.result !== undefined) return false;
  if (!['login', 'create'].includes(interaction.prompt.name)) return false;
  interaction.result = { ...interaction.lastSubmission, ...loginResult(pending) };
  await interaction.save(interaction.exp - Math.floor(pending.provenAt.getTime() / 1000));
  leadOn(deps, ctx, interaction.returnTo);
  return true;
}

/** Ends the consent prompt; the engine takes what was agreed from where it is kept (server/oidc/grants.ts). */
export function finishConsent(deps: FinishDeps, ctx: PageContext): Promise<void> {
  return end(deps, ctx, { consent: {} });
}

/** Ends the interaction because the person does not want it (RFC 6749 4.1.2.1). */
export function finishRefused(
  deps: FinishDeps,
  ctx: PageContext,
  why = 'The person refused the request.',
): Promise<void> {
  return end(deps, ctx, { error: 'access_denied', error_description: why });
}

/**
 * Leads on to an address of the engine by a page that reloads itself, with a link for those whose browser does not. A
 * redirect would be part of the form's own request, and Chrome holds every redirect after it, up to the client's last,
 * against our `form-action 'self'`.
 */
export function leadOn({ render }: Pick<FinishDeps, 'render'>, ctx: PageContext, href: string): void {
  render(ctx, 'continue', { href });
}

/** @throws errors.SessionNotFound when another request has ended it meanwhile; see router.ts. */
async function end(deps: FinishDeps, ctx: PageContext, result: InteractionResults): Promise<void> {
  leadOn(deps, ctx, await deps.engine().interactionResult(ctx.req, ctx.res, result));
}
