import { z } from 'zod';
import type { TermsUse } from '../server/accounts/terms.ts';
import type { Clock } from '../server/clock.ts';
import type { RoutedContext } from '../server/http/context.ts';
import type { Csrf } from '../server/http/csrf.ts';
import { actorOf, basePathOf } from '../server/http/page-context.ts';
import { describeClient } from './client-card.ts';
import { type FinishDeps, finishLogin } from './finish.ts';
import type { OpenInteraction } from './load.ts';
import type { PendingLogin } from './pending-login.ts';
import { interactionUrl } from './urls.ts';

export interface TermsDeps extends FinishDeps {
  issuer: string;
  csrf: Csrf;
  clock: Clock;
  terms: TermsUse;
}

/** Seconds for reading: then the password is asked for again. */
const longestReading = 15 * 60;

const carriedLogin = z.strictObject({
  accountId: z.string(),
  amr: z.array(z.string()),
  provenAt: z.number(),
  sessionsEndedAt: z.string().nullable(),
});

const termsForm = z.object({ terms: z.string().max(100).default('') });

/** What was proven stands in the address of the form, and its token was made for exactly that, in this browser. */
const purposeOf = (uid: string, carried: string): string => `terms ${uid} ${carried}`;

/** Asks somebody who has signed in to accept the present terms. */
export function showTerms(
  deps: TermsDeps,
  ctx: RoutedContext,
  open: OpenInteraction,
  { accountId, amr, provenAt, sessionsEndedAt }: PendingLogin,
): void {
  const carried = { accountId, amr, provenAt: provenAt.getTime(), sessionsEndedAt };
  render(deps, ctx, open, Buffer.from(JSON.stringify(carried), 'utf8').toString('base64url'), false);
}

/**
 * Takes the acceptance and goes on; without it the page stays.
 *
 * @returns false when the sign-in has to begin again: it took too long, or the form holds none
 */
export async function submitTerms(
  deps: TermsDeps,
  ctx: RoutedContext,
  open: OpenInteraction,
): Promise<boolean> {
  const carried = typeof ctx.query.carried === 'string' ? ctx.query.carried : '';
  const { terms: version } = await deps.csrf.readForm(
    ctx,
    purposeOf(open.interaction.uid, carried),
    termsForm,
  );
  const login = readCarried(carried);
  if (login === undefined || deps.clock.now().getTime() - login.provenAt > longestReading * 1000)
    return false;
  const { accountId } = login;
  if (!(await deps.terms.accept({ accountId, version, by: actorOf(ctx, accountId) }))) {
    render(deps, ctx, open, carried, true);
    return true;
  }
  await finishLogin(deps, ctx, { ...login, provenAt: new Date(login.provenAt) });
  return true;
}

function readCarried(carried: string): z.output<typeof carriedLogin> | undefined {
  try {
    return carriedLogin.parse(JSON.parse(Buffer.from(carried, 'base64url').toString('utf8')));
  } catch {
    return undefined;
  }
}

function render(
  { issuer, render: show, csrf, terms }: TermsDeps,
  ctx: RoutedContext,
  { interaction, client }: OpenInteraction,
  carried: string,
  isRefused: boolean,
): void {
  const { uid } = interaction;
  const action = `${interactionUrl(basePathOf(issuer), uid, client.clientId, '/terms')}&carried=${carried}`;
  if (terms.present === undefined) throw new Error('there are no terms to show');
  show(
    ctx,
    'terms',
    {
      form: { action, csrf: csrf.token(ctx, purposeOf(uid, carried)) },
      client: describeClient(client).name,
      terms: terms.present,
      isRefused,
    },
    isRefused ? 422 : 200,
  );
}
