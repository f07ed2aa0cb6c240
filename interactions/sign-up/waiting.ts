import { z } from 'zod';
import type { SignUp } from '../../server/accounts/sign-up/sign-up.ts';
import type { Clock } from '../../server/clock.ts';
import type { RoutedContext } from '../../server/http/context.ts';
import { actorOf, basePathOf } from '../../server/http/page-context.ts';
import { describeClient } from '../client-card.ts';
import { type FinishDeps, finishLogin } from '../finish.ts';
import type { OpenInteraction } from '../load.ts';
import type { PendingLogin } from '../pending-login.ts';
import { formPurpose, signUpUrl } from '../urls.ts';
import { type SignUpFormDeps, showSignUp } from './form.ts';

export interface SignUpWaitingDeps extends SignUpFormDeps, FinishDeps {
  clock: Clock;
}

type Note = 'not_yet' | 'resent' | null;

/** `/interaction/:uid/sign-up/waiting`: until the address is confirmed, here or in another browser. */
export async function showWaiting(
  deps: SignUpWaitingDeps,
  ctx: RoutedContext,
  open: OpenInteraction,
): Promise<void> {
  const signUp = await findSignUp(deps, ctx, open);
  if (signUp === undefined) return showSignUp(deps, ctx, open);
  renderWaiting(deps, ctx, open, { signUp, note: null });
}

/** Says to the script of the waiting page whether it can go on. */
export async function tellState(
  deps: SignUpWaitingDeps,
  ctx: RoutedContext,
  open: OpenInteraction,
): Promise<void> {
  const signUp = await findSignUp(deps, ctx, open);
  ctx.set('Cache-Control', 'no-store');
  ctx.body = { confirmed: signUp !== undefined && signUp.confirmedAt !== null };
}

/** Asks for another mail; the answer is the same whether one is sent (ATTACKS D01, F07). */
export async function resend(
  deps: SignUpWaitingDeps,
  ctx: RoutedContext,
  open: OpenInteraction,
): Promise<void> {
  const { uid } = open.interaction;
  await deps.csrf.readForm(ctx, formPurpose(uid), z.object({}));
  const secret = deps.signUpCookie.read(ctx);
  if (secret !== undefined) await deps.askForAccount.resend(secret, uid, actorOf(ctx));
  const signUp = await findSignUp(deps, ctx, open);
  if (signUp === undefined) return showSignUp(deps, ctx, open);
  renderWaiting(deps, ctx, open, { signUp, note: 'resent' });
}

/** Goes on to the app, once the address is confirmed: who has signed up in this browser has typed the password here. */
export async function goOn(
  deps: SignUpWaitingDeps,
  ctx: RoutedContext,
  open: OpenInteraction,
): Promise<void> {
  await deps.csrf.readForm(ctx, formPurpose(open.interaction.uid), z.object({}));
  const signUp = await findSignUp(deps, ctx, open);
  if (signUp === undefined) return showSignUp(deps, ctx, open);
  if (signUp.confirmedAt === null) return renderWaiting(deps, ctx, open, { signUp, note: 'not_yet' });
  return finishLogin(deps, ctx, signedUp(signUp.id, deps.clock.now()));
}

/** Nobody has ended the sessions of an account that is as new as this one; if somebody has, this counts for nothing. */
export function signedUp(accountId: string, now: Date): PendingLogin {
  return { accountId, amr: ['pwd'], provenAt: now, sessionsEndedAt: null };
}

async function findSignUp(
  { signUpCookie, askForAccount }: SignUpWaitingDeps,
  ctx: RoutedContext,
  { interaction }: OpenInteraction,
): Promise<SignUp | undefined> {
  const secret = signUpCookie.read(ctx);
  return secret === undefined ? undefined : askForAccount.find(secret, interaction.uid);
}

function renderWaiting(
  deps: SignUpWaitingDeps,
  ctx: RoutedContext,
  { interaction, client }: OpenInteraction,
  { signUp, note }: { signUp: SignUp; note: Note },
): void {
  const to = (step: string) => signUpUrl(basePathOf(deps.issuer), interaction.uid, client.clientId, step);
  const csrf = deps.csrf.token(ctx, formPurpose(interaction.uid));
  deps.render(ctx, 'sign-up-waiting', {
    client: describeClient(client).name,
    email: signUp.email,
    isConfirmed: signUp.confirmedAt !== null,
    note,
    goOn: { action: to('/continue'), csrf },
    resend: { action: to('/resend'), csrf },
    again: to(''),
    state: to('/state'),
  });
}
