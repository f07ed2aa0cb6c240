import type Router from '@koa/router';
import { z } from 'zod';
import type { ActivityKind } from '../../server/audit/activity.ts';
import type { RequestState, RoutedContext } from '../../server/http/context.ts';
import { basePathOf } from '../../server/http/page-context.ts';
import type { Render } from '../../server/http/render.ts';
import type { ActivityCard } from '../../server/http/session-view-models.ts';
import type { MessageKey } from '../../server/http/words.ts';
import type { Activity, ListActivity } from '../../server/sessions/list-activity.ts';
import { accountLinks } from './pages.ts';
import { deviceWords, placeWords } from './session-words.ts';
import type { SignedIn, SignedInOnly } from './signed-in.ts';

export interface ActivityPageDeps {
  issuer: string;
  render: Render;
  listActivity: ListActivity;
}

const path = '/account/activity';
const perPage = 25;
/** A place in the person's own list; any other one shows what is theirs before it, or the newest. */
const place = z.string().regex(/^\d{1,18}\.\d{1,18}$/);

/** `/account/activity`: what happened to an account, in plain words. */
export function addActivityPage(
  router: Router<RequestState, object>,
  { signedIn }: SignedInOnly,
  deps: ActivityPageDeps,
): void {
  router.get(
    path,
    signedIn((ctx, person) => show(deps, ctx, person)),
  );
}

async function show(deps: ActivityPageDeps, ctx: RoutedContext, { account }: SignedIn): Promise<void> {
  const basePath = basePathOf(deps.issuer);
  const before = place.safeParse(ctx.query.before).data;
  const { items, next } = await deps.listActivity({ accountId: account.id, before, limit: perPage });
  deps.render(ctx, 'account-activity', {
    pages: accountLinks(basePath, path),
    items: items.map(toCard),
    older: next === null ? null : `${basePath}${path}?before=${next}`,
    newest: before === undefined ? null : `${basePath}${path}`,
  });
}

const words: Readonly<Record<ActivityKind, MessageKey>> = {
  signed_in: 'activity.signed_in',
  sign_in_failed: 'activity.sign_in_failed',
  signed_out: 'activity.signed_out',
  proof_failed: 'activity.proof_failed',
  unlocked: 'activity.unlocked',
  session_ended: 'activity.session_ended',
  other_sessions_ended: 'activity.other_sessions_ended',
  all_sessions_ended: 'activity.all_sessions_ended',
  app_connected: 'activity.app_connected',
  app_refused: 'activity.app_refused',
  app_withdrawn: 'activity.app_withdrawn',
  app_signed_out: 'activity.app_signed_out',
  token_revoked: 'activity.token_revoked',
  token_stolen: 'activity.token_stolen',
  account_created: 'activity.account_created',
  details_changed: 'activity.details_changed',
  password_set: 'activity.password_set',
  password_changed: 'activity.password_changed',
  password_removed: 'activity.password_removed',
  reset_asked: 'activity.reset_asked',
  reset_sent: 'activity.reset_sent',
  support_begun: 'activity.support_begun',
};

function toCard({ kind, at, from, count, by, app, ip, place: where, device }: Activity): ActivityCard {
  return {
    what: { key: words[kind] },
    at: at.toISOString(),
    from: from.toISOString(),
    count,
    app: app?.name ?? null,
    ip,
    place: placeWords(where),
    device: device.browser === null && device.system === null ? null : deviceWords(device),
    isOfOthers: by === 'other',
  };
}
