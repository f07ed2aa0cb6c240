import { accountClientId } from '../server/clients/built-in.ts';
import type { RoutedContext } from '../server/http/context.ts';
import type { EnterSupport } from '../server/sessions/support/enter-support.ts';
import { type FinishDeps, finishLogin } from './finish.ts';
import type { OpenInteraction } from './load.ts';

export interface SupportLoginDeps extends FinishDeps {
  enterSupport: EnterSupport;
}

const hint = /^support:([0-9a-f]{32})$/;

/** What the request that follows a begun support session says in `login_hint`. */
export const supportHint = (id: string): string => `support:${id}`;

/**
 * Answers the sign-in of an operator who has just begun a support session: this browser is the person's from here on. False for
 * everybody else, who sign in as always: the browser must be signed in as the operator, and the moment is one minute.
 */
export async function finishSupport(
  deps: SupportLoginDeps,
  ctx: RoutedContext,
  { interaction }: OpenInteraction,
): Promise<boolean> {
  const { login_hint: given, client_id: clientId } = interaction.params;
  const [, id] = (typeof given === 'string' && hint.exec(given)) || [];
  const operatorId = interaction.session?.accountId;
  if (id === undefined || operatorId === undefined || clientId !== accountClientId) return false;
  if (ctx.state.support !== undefined) return false;
  const entered = await deps.enterSupport({ id, operatorId });
  if (entered === undefined) return false;
  await finishLogin(deps, ctx, entered);
  return true;
}
