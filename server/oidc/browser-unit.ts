import type { PageContext } from '../http/context.ts';
import type { RequestUnitDeps } from './request-unit.ts';

/**
 * Writes what a browser's request brings. When something that it relied on was ended or changed meanwhile, nothing was begun.
 * An interaction that another request has ended, or whose proof does not count any more (a new password, a disabled account),
 * is over, and the person is told so. Otherwise the browser asks once more: the engine then sees what is there now.
 */
export async function settleBrowser(deps: RequestUnitDeps, ctx: PageContext): Promise<void> {
  const outcome = await deps.units.commit(undefined);
  if (outcome.kind === 'committed') return settleCookie(deps, ctx, outcome.isCookieGiven);
  ctx.remove('Location');
  ctx.remove('Set-Cookie');
  if (!outcome.isWorthRepeating || ctx.method !== 'GET') return deps.showOver(ctx);
  ctx.status = 303;
  ctx.redirect(ctx.originalUrl);
}

/**
 * The engine sets the session's cookie with every answer, to put off its end. Of two answers to two tabs the older one may come
 * last, and would take the new cookie away: so only an answer that gives a new one sets it, to last as long as a session can.
 * When it is idle for too long it ends in the database.
 */
function settleCookie(
  { engine, sessionAbsolute }: RequestUnitDeps,
  ctx: PageContext,
  isGiven: boolean,
): void {
  const name = engine().cookieName('session');
  const set = [ctx.response.headers['set-cookie'] ?? []].flat().map(String);
  const isOfSession = (cookie: string): boolean =>
    cookie.startsWith(`${name}=`) || cookie.startsWith(`${name}.sig=`);
  const isEnd = (cookie: string): boolean => /; expires=Thu, 01 Jan 1970/i.test(cookie);
  const end = new Date(Date.now() + sessionAbsolute * 1000).toUTCString();
  const kept = set
    .filter((cookie) => isGiven || isEnd(cookie) || !isOfSession(cookie))
    .map((cookie) =>
      isOfSession(cookie) && !isEnd(cookie) ? cookie.replace(/; expires=[^;]+/i, `; expires=${end}`) : cookie,
    );
  if (kept.length > 0) ctx.set('Set-Cookie', kept);
  else ctx.remove('Set-Cookie');
}
