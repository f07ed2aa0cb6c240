import type Router from '@koa/router';
import { z } from 'zod';
import type { AskForEmailChange } from '../../server/accounts/email-change/ask-for-email-change.ts';
import type { NotificationAddressStore } from '../../server/accounts/notification-addresses.ts';
import type { AskForNotificationEmail } from '../../server/accounts/notification-email/ask-for-notification-email.ts';
import type { ChangeNotificationEmail } from '../../server/accounts/notification-email/change-notification-email.ts';
import { AppError } from '../../server/errors.ts';
import type { RequestState, RoutedContext } from '../../server/http/context.ts';
import type { Csrf } from '../../server/http/csrf.ts';
import { actorOf, basePathOf } from '../../server/http/page-context.ts';
import type { Render } from '../../server/http/render.ts';
import type { Words } from '../../server/http/words.ts';
import { accountLinks } from './pages.ts';
import type { SignedIn, SignedInOnly } from './signed-in.ts';

export interface EmailPageDeps {
  issuer: string;
  render: Render;
  csrf: Csrf;
  askForEmailChange: AskForEmailChange;
  askForNotificationEmail: AskForNotificationEmail;
  changeNotificationEmail: Pick<ChangeNotificationEmail, 'remove'>;
  addresses: Pick<NotificationAddressStore, 'find'>;
}

const path = '/account/email';
const emailForm = z.object({
  do: z.enum(['change', 'second', 'remove']).default('change'),
  email: z.string().max(320).default(''),
});

/** What one of the forms came to. */
interface Said {
  notice?: Words;
  faults?: { email?: string; second?: string };
  typed?: { email?: string; second?: string };
  status?: number;
}

/** `/account/email`: the address of the account and a second one for notices. All of it takes a recent sign-in (ATTACKS C11). */
export function addEmailPage(
  router: Router<RequestState, object>,
  { recentlySignedIn }: SignedInOnly,
  deps: EmailPageDeps,
): void {
  router.get(
    path,
    recentlySignedIn((ctx, person) => show(deps, ctx, person, {})),
  );
  router.post(
    path,
    recentlySignedIn(async (ctx, person) => {
      const form = await deps.csrf.readForm(ctx, person.formPurpose, emailForm);
      await show(deps, ctx, person, await submit(deps, whoOf(ctx, person), form));
    }),
  );
}

async function submit(
  deps: EmailPageDeps,
  who: ReturnType<typeof whoOf>,
  { do: what, email }: z.output<typeof emailForm>,
): Promise<Said> {
  switch (what) {
    case 'change':
      return sayOf(await deps.askForEmailChange({ ...who, email: email.trim() }), 'email', email);
    case 'second':
      return sayOf(await deps.askForNotificationEmail({ ...who, email: email.trim() }), 'second', email);
    case 'remove':
      await deps.changeNotificationEmail.remove(who);
      return { notice: { key: 'email.notify.removed' } };
    default:
      return what satisfies never;
  }
}

const whoOf = (ctx: RoutedContext, { account: { id } }: SignedIn) => ({
  accountId: id,
  by: actorOf(ctx, id),
});

function sayOf(
  outcome: Awaited<ReturnType<AskForEmailChange>>,
  field: 'email' | 'second',
  typed: string,
): Said {
  switch (outcome.kind) {
    case 'asked':
      return { notice: { key: 'email.sent', params: { address: typed.trim() } } };
    case 'refused':
      return { faults: { [field]: outcome.fault }, typed: { [field]: typed }, status: 422 };
    case 'limited':
      return { notice: { key: 'email.limited' }, typed: { [field]: typed }, status: 429 };
    case 'missing':
      throw new AppError('forbidden', { detail: 'the account is gone' });
    default:
      return outcome satisfies never;
  }
}

async function show(
  { issuer, render, csrf, addresses }: EmailPageDeps,
  ctx: RoutedContext,
  { account, formPurpose }: SignedIn,
  { notice, faults = {}, typed = {}, status = 200 }: Said,
): Promise<void> {
  const basePath = basePathOf(issuer);
  const token = csrf.token(ctx, formPurpose);
  const model = {
    pages: accountLinks(basePath, path),
    notice: notice ?? null,
    isRefusal: status !== 200,
    email: account.email,
    emailVerified: account.emailVerified,
    form: { action: `${basePath}${path}`, csrf: token },
    change: { typed: typed.email ?? '', fault: faults.email ?? null },
    second: {
      present: (await addresses.find(account.id)) ?? null,
      typed: typed.second ?? '',
      fault: faults.second ?? null,
    },
  };
  render(ctx, 'account-email', model, status);
}
