import type Router from '@koa/router';
import type { default as Provider } from 'oidc-provider';
import { z } from 'zod';
import type { ChangePassword, ChangePasswordOutcome } from '../../server/authn/change-password.ts';
import type { CredentialStore } from '../../server/authn/credential-store.ts';
import { parseDeviceTokens } from '../../server/authn/lockout/device.ts';
import type { Clock } from '../../server/clock.ts';
import type { RequestState, RoutedContext } from '../../server/http/context.ts';
import type { Csrf } from '../../server/http/csrf.ts';
import type { DeviceCookie } from '../../server/http/device-cookie.ts';
import { actorOf, basePathOf } from '../../server/http/page-context.ts';
import type { Render } from '../../server/http/render.ts';
import type { Words } from '../../server/http/words.ts';
import { secondsUntil, waitingWords } from '../waiting.ts';
import { accountLinks } from './pages.ts';
import type { SignedIn, SignedInOnly } from './signed-in.ts';

export interface SecurityPageDeps {
  issuer: string;
  render: Render;
  csrf: Csrf;
  deviceCookie: DeviceCookie;
  clock: Clock;
  engine: () => Provider;
  credentials: Pick<CredentialStore, 'findPassword'>;
  changePassword: ChangePassword;
  /** A new secret of 256 bits, base64url: `randomIds.secret`. */
  newSecret: () => string;
}

const path = '/account/security';

const changeForm = z.object({
  password: z.string().max(8192).default(''),
  new_password: z.string().max(8192).default(''),
});

/** `/account/security`: changing one's own password takes a recent sign-in and the present password (LIMITS rows 6, 28). */
export function addSecurityPage(
  router: Router<RequestState, object>,
  { recentlySignedIn }: SignedInOnly,
  deps: SecurityPageDeps,
): void {
  router.get(
    path,
    recentlySignedIn((ctx, person) => show(deps, ctx, person, {})),
  );
  router.post(
    path,
    recentlySignedIn((ctx, person) => submit(deps, ctx, person)),
  );
}

async function submit(deps: SecurityPageDeps, ctx: RoutedContext, person: SignedIn): Promise<void> {
  const form = await deps.csrf.readForm(ctx, person.formPurpose, changeForm);
  const newId = deps.newSecret();
  const outcome = await deps.changePassword({
    accountId: person.account.id,
    password: form.password,
    newPassword: form.new_password,
    device: parseDeviceTokens(deps.deviceCookie.read(ctx)),
    kept: { uid: person.session.uid, newId },
    by: actorOf(ctx, person.account.id),
  });
  if (outcome.kind === 'changed') giveSession(deps, ctx, newId, person.session.exp);
  return show(deps, ctx, person, answerTo(deps, ctx, outcome));
}

/** As the engine itself gives it (oidc/cookies.ts). */
function giveSession(deps: SecurityPageDeps, ctx: RoutedContext, id: string, exp: number | undefined): void {
  ctx.cookies.set(deps.engine().cookieName('session'), id, {
    httpOnly: true,
    sameSite: 'lax',
    secure: deps.issuer.startsWith('https:'),
    path: '/',
    signed: true,
    overwrite: true,
    ...(exp === undefined ? {} : { expires: new Date(exp * 1000) }),
  });
}

interface Answer {
  status?: number;
  password?: Words;
  newPassword?: string | undefined;
  isDone?: true;
}

function answerTo(deps: SecurityPageDeps, ctx: RoutedContext, outcome: ChangePasswordOutcome): Answer {
  switch (outcome.kind) {
    case 'changed':
      return { isDone: true };
    case 'stale':
      return { status: 409, password: { key: 'account.security.stale' } };
    case 'refused': {
      const [fault] = outcome.fields;
      return fault?.field === 'password'
        ? { status: 422, password: { key: 'account.security.wrong' } }
        : { status: 422, newPassword: fault?.message };
    }
    case 'locked': {
      if (outcome.until === null) return { status: 429, password: { key: 'account.security.closed' } };
      const seconds = secondsUntil(outcome.until, deps.clock.now());
      ctx.set('Retry-After', String(seconds));
      return { status: 429, password: waitingWords(seconds) };
    }
    default:
      return outcome satisfies never;
  }
}

async function show(
  deps: SecurityPageDeps,
  ctx: RoutedContext,
  { account, formPurpose }: SignedIn,
  { status = 200, password, newPassword, isDone }: Answer,
): Promise<void> {
  const basePath = basePathOf(deps.issuer);
  const hasPassword = (await deps.credentials.findPassword(account.id)) !== undefined;
  deps.render(
    ctx,
    'account-security',
    {
      pages: accountLinks(basePath, path),
      form: hasPassword ? { action: `${basePath}${path}`, csrf: deps.csrf.token(ctx, formPurpose) } : null,
      username: account.email ?? account.username ?? '',
      faults: { password: password ?? null, newPassword: newPassword ?? null },
      isDone: isDone === true,
    },
    status,
  );
}
