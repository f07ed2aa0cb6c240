import { z } from 'zod';
import type { SendVerification } from '../server/accounts/verify-email/send-verification.ts';
import type { RoutedContext } from '../server/http/context.ts';
import type { Csrf } from '../server/http/csrf.ts';
import { actorOf, basePathOf } from '../server/http/page-context.ts';
import type { Render } from '../server/http/render.ts';
import { describeClient } from './client-card.ts';
import type { OpenInteraction } from './load.ts';
import { interactionUrl } from './urls.ts';

export interface VerifyFirstDeps {
  issuer: string;
  render: Render;
  csrf: Csrf;
  sendVerification: SendVerification;
}

/** Whose form it is stands in the address, and in what its token was made for: nobody can ask for somebody else's mail. */
const purposeOf = (uid: string, accountId: string): string => `verify first ${uid} ${accountId}`;

/**
 * To somebody whose password was right, at a client that wants the address to be confirmed: sends the mail, and shows where to
 * go on. To be called after the password was proven only, for it tells that there is an account.
 */
export async function demandVerification(
  deps: VerifyFirstDeps,
  ctx: RoutedContext,
  open: OpenInteraction,
  { accountId, email }: { accountId: string; email: string | null },
): Promise<void> {
  await send(deps, ctx, open, accountId);
  show(deps, ctx, open, { accountId, email, isAgain: false });
}

/** The form of that page: the mail once more. */
export async function resendVerification(
  deps: VerifyFirstDeps,
  ctx: RoutedContext,
  open: OpenInteraction,
): Promise<void> {
  const accountId = typeof ctx.query.account === 'string' ? ctx.query.account : '';
  await deps.csrf.readForm(ctx, purposeOf(open.interaction.uid, accountId), z.object({}));
  await send(deps, ctx, open, accountId);
  show(deps, ctx, open, { accountId, email: null, isAgain: true });
}

async function send(
  { sendVerification }: VerifyFirstDeps,
  ctx: RoutedContext,
  { interaction, client }: OpenInteraction,
  accountId: string,
): Promise<void> {
  const origin = { interaction: interaction.uid, clientId: client.clientId };
  await sendVerification({ accountId, origin, by: actorOf(ctx, accountId) });
}

function show(
  { issuer, render, csrf }: VerifyFirstDeps,
  ctx: RoutedContext,
  { interaction, client }: OpenInteraction,
  { accountId, email, isAgain }: { accountId: string; email: string | null; isAgain: boolean },
): void {
  const to = (step: string) => interactionUrl(basePathOf(issuer), interaction.uid, client.clientId, step);
  render(
    ctx,
    'verify-first',
    {
      client: describeClient(client).name,
      email,
      isAgain,
      resend: {
        action: `${to('/verify-first')}&account=${encodeURIComponent(accountId)}`,
        csrf: csrf.token(ctx, purposeOf(interaction.uid, accountId)),
      },
      signIn: to('/login'),
    },
    403,
  );
}
