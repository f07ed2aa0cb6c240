import type Router from '@koa/router';
import { z } from 'zod';
import type { PresentAttributes } from '../../server/accounts/attributes/definition.ts';
import type { RequestState, RoutedContext } from '../../server/http/context.ts';
import type { Csrf } from '../../server/http/csrf.ts';
import { actorOf, basePathOf } from '../../server/http/page-context.ts';
import type { Render } from '../../server/http/render.ts';
import type { ListApps } from '../../server/sessions/list-apps.ts';
import type { WithdrawConsent } from '../../server/sessions/withdraw-consent.ts';
import { describeScopes, type ResourceServers } from '../describe-scopes.ts';
import { accountLinks } from './pages.ts';
import type { SignedIn, SignedInOnly } from './signed-in.ts';

export interface AppsPageDeps {
  issuer: string;
  render: Render;
  csrf: Csrf;
  resources: ResourceServers;
  presentAttributes: PresentAttributes;
  listApps: ListApps;
  withdrawConsent: WithdrawConsent;
}

const path = '/account/apps';
const oneForm = z.object({ app: z.string().max(256).default('') });
/** What was done before the page is shown, as its address says. */
const done = z.enum(['withdrawn', 'gone']);
const doneWords = { withdrawn: 'apps.done.withdrawn', gone: 'apps.done.gone' } as const;

/** `/account/apps`: what apps may see and do for somebody, and the way to take it back. */
export function addAppsPage(
  router: Router<RequestState, object>,
  { signedIn }: SignedInOnly,
  deps: AppsPageDeps,
): void {
  router.get(
    path,
    signedIn((ctx, person) => show(deps, ctx, person)),
  );
  router.post(
    `${path}/withdraw`,
    signedIn(async (ctx, { account, formPurpose }) => {
      const { app } = await deps.csrf.readForm(ctx, formPurpose, oneForm);
      const by = actorOf(ctx, account.id);
      const outcome = await deps.withdrawConsent({ accountId: account.id, clientId: app, by });
      ctx.status = 303;
      ctx.set('Cache-Control', 'no-store');
      const word = outcome.kind === 'withdrawn' ? 'withdrawn' : 'gone';
      ctx.redirect(`${basePathOf(deps.issuer)}${path}?done=${word}`);
    }),
  );
}

async function show(deps: AppsPageDeps, ctx: RoutedContext, person: SignedIn): Promise<void> {
  const basePath = basePathOf(deps.issuer);
  const word = done.safeParse(ctx.query.done).data;
  const definitions = await deps.presentAttributes();
  const apps = await deps.listApps(person.account.id);
  deps.render(ctx, 'account-apps', {
    pages: accountLinks(basePath, path),
    withdraw: {
      action: `${basePath}${path}/withdraw`,
      csrf: deps.csrf.token(ctx, person.formPurpose),
    },
    apps: await Promise.all(
      apps.map(async (app) => ({
        id: app.clientId,
        name: app.name,
        scopes: await describeScopes(app.agreed, deps.resources, definitions),
        since: app.since.toISOString(),
        lastUsed: app.lastUsedAt?.toISOString() ?? null,
        isConsented: app.isConsented,
        isSignedIn: app.isSignedIn,
      })),
    ),
    done: word === undefined ? null : doneWords[word],
  });
}
