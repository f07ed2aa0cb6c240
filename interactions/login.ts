import { z } from 'zod';
import type { AskForAccountUse } from '../server/accounts/sign-up/ask-for-account.ts';
import type { AccountStore } from '../server/accounts/store.ts';
import type { Authenticate, AuthenticateOutcome } from '../server/authn/authenticate.ts';
import { parseDeviceTokens } from '../server/authn/lockout/device.ts';
import type { DemandNewPassword } from '../server/authn/reset/send-reset-link.ts';
import type { Clock } from '../server/clock.ts';
import type { RoutedContext } from '../server/http/context.ts';
import type { Csrf } from '../server/http/csrf.ts';
import type { DeviceCookie } from '../server/http/device-cookie.ts';
import { actorOf, basePathOf } from '../server/http/page-context.ts';
import { allowSource } from '../server/http/security-headers.ts';
import type { Words } from '../server/http/words.ts';
import { describeClient, logoOrigin } from './client-card.ts';
import { type FinishDeps, finishLogin, leadOn } from './finish.ts';
import type { OpenInteraction } from './load.ts';
import { signUpPolicyOf } from './sign-up/client-policy.ts';
import { finishSupport, type SupportLoginDeps } from './support-login.ts';
import { showTerms, type TermsDeps } from './terms.ts';
import { forgotUrl, formPurpose, interactionUrl, signUpUrl } from './urls.ts';
import { demandVerification, type VerifyFirstDeps } from './verify-first.ts';
import { secondsUntil, waitingWords } from './waiting.ts';

export interface LoginDeps extends FinishDeps, SupportLoginDeps, VerifyFirstDeps, TermsDeps {
  issuer: string;
  csrf: Csrf;
  deviceCookie: DeviceCookie;
  clock: Clock;
  authenticate: Authenticate;
  demandNewPassword: DemandNewPassword;
  accounts: Pick<AccountStore, 'find'>;
  askForAccount: Pick<AskForAccountUse, 'isOpen'>;
}

/** Bounds only: what a name or password may be is decided where it is checked, so that every refusal reads alike. */
const loginForm = z.object({
  username: z.string().max(1024).default(''),
  password: z.string().max(8192).default(''),
});

/** Shows the sign-in form of an open interaction. */
export async function showLogin(deps: LoginDeps, ctx: RoutedContext, open: OpenInteraction): Promise<void> {
  if (await finishSupport(deps, ctx, open)) return;
  renderLogin(deps, ctx, open, { username: await suggestUsername(deps, open), fault: null });
}

/**
 * Takes the sign-in form.
 *
 * @throws AppError csrf_rejected; overloaded when too many passwords are being checked; too_many_sign_ins when too many have
 * failed from that network.
 */
export async function submitLogin(deps: LoginDeps, ctx: RoutedContext, open: OpenInteraction): Promise<void> {
  const { uid, params } = open.interaction;
  const { username, password } = await deps.csrf.readForm(ctx, formPurpose(uid), loginForm);
  const outcome = await deps.authenticate({
    username,
    password,
    device: parseDeviceTokens(deps.deviceCookie.read(ctx)),
    clientId: typeof params.client_id === 'string' ? params.client_id : undefined,
    by: actorOf(ctx),
  });
  switch (outcome.kind) {
    case 'authenticated':
      deps.deviceCookie.write(ctx, outcome.device);
      return letIn(deps, ctx, open, outcome);
    case 'must_reset':
      return renderLogin(deps, ctx, open, { username, fault: { key: 'signin.must_reset' } });
    case 'must_change': {
      const wayBack = { interaction: uid, clientId: open.client.clientId };
      const { accountId } = outcome;
      return leadOn(deps, ctx, await deps.demandNewPassword({ accountId, wayBack, by: actorOf(ctx) }));
    }
    case 'rejected':
      return renderLogin(deps, ctx, open, { username, fault: { key: 'signin.rejected' } });
    case 'locked':
      return renderLocked(deps, ctx, open, { username, until: outcome.until });
    default:
      return outcome satisfies never;
  }
}

/** Goes on to the client, unless it lets in only people whose address is confirmed, or there are new terms to accept. */
async function letIn(
  deps: LoginDeps,
  ctx: RoutedContext,
  open: OpenInteraction,
  { accountId, amr, sessionsEndedAt }: Extract<AuthenticateOutcome, { kind: 'authenticated' }>,
): Promise<void> {
  if (open.client.require_verified_email === true) {
    const account = await deps.accounts.find(accountId);
    if (account?.emailVerified !== true)
      return demandVerification(deps, ctx, open, { accountId, email: account?.email ?? null });
  }
  const pending = { accountId, amr, provenAt: deps.clock.now(), sessionsEndedAt };
  if (await deps.terms.isOwed(accountId)) return showTerms(deps, ctx, open, pending);
  return finishLogin(deps, ctx, pending);
}

/** Tells a device that has signed in before how long it has to wait. */
function renderLocked(
  deps: LoginDeps,
  ctx: RoutedContext,
  open: OpenInteraction,
  { username, until }: { username: string; until: Date | null },
): void {
  if (until === null) {
    renderLogin(deps, ctx, open, { username, fault: { key: 'signin.closed' } }, 429);
    return;
  }
  const seconds = secondsUntil(until, deps.clock.now());
  ctx.set('Retry-After', String(seconds));
  renderLogin(deps, ctx, open, { username, fault: waitingWords(seconds) }, 429);
}

function renderLogin(
  deps: LoginDeps,
  ctx: RoutedContext,
  { interaction, client }: OpenInteraction,
  { username, fault }: { username: string; fault: Words | null },
  status = fault === null ? 200 : 422,
): void {
  const to = (step: string) =>
    interactionUrl(basePathOf(deps.issuer), interaction.uid, client.clientId, step);
  const csrf = deps.csrf.token(ctx, formPurpose(interaction.uid));
  const logo = logoOrigin(client);
  if (logo !== undefined) allowSource(ctx, 'img-src', logo);
  deps.render(
    ctx,
    'sign-in',
    {
      form: { action: to('/login'), csrf },
      cancel: { action: to('/cancel'), csrf },
      client: describeClient(client),
      username,
      again: interaction.session !== undefined,
      signUp: deps.askForAccount.isOpen(signUpPolicyOf(client))
        ? signUpUrl(basePathOf(deps.issuer), interaction.uid, client.clientId)
        : null,
      forgot: forgotUrl(basePathOf(deps.issuer), interaction.uid, client.clientId),
      fault,
    },
    status,
  );
}

/** The name that the client suggests, or that of the person who is signed in already. */
async function suggestUsername({ accounts }: LoginDeps, { interaction }: OpenInteraction): Promise<string> {
  const hint = interaction.params.login_hint;
  if (typeof hint === 'string') return hint.startsWith('support:') ? '' : hint.slice(0, 254);
  if (interaction.session === undefined) return '';
  const account = await accounts.find(interaction.session.accountId);
  return account?.email ?? account?.username ?? '';
}
