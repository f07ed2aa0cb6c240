import type { KoaContextWithOIDC } from 'oidc-provider';
import type { PageContext } from '../http/context.ts';
import type { RequestUnitDeps } from './request-unit.ts';

/**
 * Writes what a browser's request brings. When the interaction was ended by another request, or the session meanwhile (a
 * sign-out, a new password, a disabled account), nothing was begun, and the person is told so instead of what the engine
 * would have answered.
 */
export async function settleBrowser(
  { units, showOver }: RequestUnitDeps,
  ctx: PageContext & KoaContextWithOIDC,
): Promise<void> {
  const outcome = await units.commit(undefined);
  if (outcome.kind === 'committed') {
    if (!outcome.mine) keepCookie(ctx);
    return;
  }
  ctx.remove('Location');
  ctx.remove('Set-Cookie');
  showOver(ctx);
}

/** Another tab has given the session a new cookie; this answer knows the old one only. */
function keepCookie(ctx: PageContext & KoaContextWithOIDC): void {
  const name = ctx.oidc.provider.cookieName('session');
  const set = ctx.response.get('Set-Cookie');
  const others = (Array.isArray(set) ? set : [set]).filter(
    (cookie) => cookie !== '' && !cookie.startsWith(`${name}=`) && !cookie.startsWith(`${name}.sig=`),
  );
  if (others.length > 0) ctx.set('Set-Cookie', others);
  else ctx.remove('Set-Cookie');
}
