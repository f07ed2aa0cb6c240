import type Router from '@koa/router';
import { z } from 'zod';
import type { RequestState, RoutedContext } from '../../server/http/context.ts';
import type { Csrf } from '../../server/http/csrf.ts';
import { actorOf, basePathOf } from '../../server/http/page-context.ts';
import type { Render } from '../../server/http/render.ts';
import type { SessionCard } from '../../server/http/session-view-models.ts';
import type { EndAllSessions, EndOtherSessions, EndSession } from '../../server/sessions/end-sessions.ts';
import type { ListedSession, ListSessions } from '../../server/sessions/list-sessions.ts';
import { accountLinks } from './pages.ts';
import { deviceWords, methodWords, placeWords } from './session-words.ts';
import type { SignedIn, SignedInOnly } from './signed-in.ts';

export interface SessionsPageDeps {
  issuer: string;
  render: Render;
  csrf: Csrf;
  listSessions: ListSessions;
  endSession: EndSession;
  endOtherSessions: EndOtherSessions;
  endAllSessions: EndAllSessions;
}

const path = '/account/sessions';
const oneForm = z.object({ session: z.string().max(64).default('') });
const noFields = z.object({});
/** What was done before the page is shown, as its address says. */
const done = z.enum(['one', 'others', 'gone']);
const doneWords = {
  one: 'sessions.done.one',
  others: 'sessions.done.others',
  gone: 'sessions.done.gone',
} as const;

/** `/account/sessions`: where somebody is signed in, and the ways to end it. */
export function addSessionsPage(
  router: Router<RequestState, object>,
  { signedIn }: SignedInOnly,
  deps: SessionsPageDeps,
): void {
  router.get(
    path,
    signedIn((ctx, person) => show(deps, ctx, person)),
  );
  router.post(
    `${path}/end-one`,
    signedIn((ctx, person) => endOne(deps, ctx, person)),
  );
  router.post(
    `${path}/end-others`,
    signedIn(async (ctx, { account, session, formPurpose }) => {
      await deps.csrf.readForm(ctx, formPurpose, noFields);
      const kept = { uid: session.uid };
      await deps.endOtherSessions({ accountId: account.id, kept, by: actorOf(ctx, account.id) });
      leadTo(deps, ctx, `${path}?done=others`);
    }),
  );
  router.post(
    `${path}/end-all`,
    signedIn(async (ctx, { account, formPurpose }) => {
      await deps.csrf.readForm(ctx, formPurpose, noFields);
      await deps.endAllSessions({ accountId: account.id, by: actorOf(ctx, account.id) });
      leadTo(deps, ctx, '/account/signed-out');
    }),
  );
}

async function show(deps: SessionsPageDeps, ctx: RoutedContext, person: SignedIn): Promise<void> {
  const basePath = basePathOf(deps.issuer);
  const found = await deps.listSessions({ accountId: person.account.id, current: person.session.uid });
  const csrf = deps.csrf.token(ctx, person.formPurpose);
  const to = (step: string) => ({ action: `${basePath}${path}/${step}`, csrf });
  const cards = found.map(toCard);
  const word = done.safeParse(ctx.query.done).data;
  deps.render(ctx, 'account-sessions', {
    pages: accountLinks(basePath, path),
    current: cards.find(({ isCurrent }) => isCurrent) ?? null,
    others: cards.filter(({ isCurrent }) => !isCurrent),
    end: to('end-one'),
    endOthers: to('end-others'),
    endAll: to('end-all'),
    signOut: `${basePath}/oauth2/logout`,
    done: word === undefined ? null : doneWords[word],
  });
}

async function endOne(
  deps: SessionsPageDeps,
  ctx: RoutedContext,
  { account, session, formPurpose }: SignedIn,
): Promise<void> {
  const { session: id } = await deps.csrf.readForm(ctx, formPurpose, oneForm);
  const outcome = await deps.endSession({ accountId: account.id, id, by: actorOf(ctx, account.id) });
  // It may be the one of this browser: then the page would ask for a sign-in.
  const left = await deps.listSessions({ accountId: account.id, current: session.uid });
  if (!left.some(({ isCurrent }) => isCurrent)) return leadTo(deps, ctx, '/account/signed-out');
  leadTo(deps, ctx, `${path}?done=${outcome.kind === 'ended' ? 'one' : 'gone'}`);
}

function leadTo({ issuer }: SessionsPageDeps, ctx: RoutedContext, where: string): void {
  ctx.status = 303;
  ctx.set('Cache-Control', 'no-store');
  ctx.redirect(`${basePathOf(issuer)}${where}`);
}

function toCard(session: ListedSession): SessionCard {
  return {
    id: session.id,
    isCurrent: session.isCurrent,
    device: deviceWords(session.device),
    ip: session.ip,
    place: placeWords(session.place),
    firstSeen: session.firstSeenAt?.toISOString() ?? null,
    lastSeen: session.lastSeenAt?.toISOString() ?? null,
    signedIn: session.signedInAt?.toISOString() ?? null,
    how: methodWords(session.amr),
    apps: session.apps.map(({ name }) => name),
  };
}
