import type { ResourceServer as EngineResourceServer, KoaContextWithOIDC } from 'oidc-provider';
import { readSupportMark, type SupportMark } from '../support-mark.ts';

/** The claim that names who acts in the person's place (RFC 8693 4.1). */
export interface ActClaim {
  sub: string;
}

/** Who acts in this request, if it is not the person: as the session says, or what a token is asked for with. */
export function supportIn({ oidc }: KoaContextWithOIDC): SupportMark | undefined {
  const { AuthorizationCode, RefreshToken, DeviceCode } = oidc.entities;
  const source = AuthorizationCode ?? RefreshToken ?? DeviceCode ?? oidc.session;
  return readSupportMark(source?.amr);
}

export const actOf = ({ operatorId }: SupportMark): ActClaim => ({ sub: operatorId });

/** Who acts, by what the engine found an account with: a code or the like, or an access token that says so itself. */
export function actIn(source: unknown): ActClaim | undefined {
  if (typeof source !== 'object' || source === null) return undefined;
  const { amr, extra }: { amr?: unknown; extra?: unknown } = source;
  const mark = readSupportMark(amr);
  if (mark !== undefined) return actOf(mark);
  if (typeof extra !== 'object' || extra === null || !('act' in extra)) return undefined;
  const { act } = extra;
  const sub = typeof act === 'object' && act !== null && 'sub' in act ? act.sub : undefined;
  return typeof sub === 'string' ? { sub } : undefined;
}

/**
 * What an operator who acts for somebody may have of an API: of this server's own ones only the reading of the account; and no
 * token outlives the support session.
 *
 * @param builtIn the audiences of the admin API and the account API
 */
export function limitToSupport(
  server: EngineResourceServer,
  mark: SupportMark | undefined,
  builtIn: { admin: string; account: string },
): EngineResourceServer {
  if (mark === undefined) return server;
  const left = Math.max(1, mark.until - Math.floor(Date.now() / 1000));
  const accessTokenTTL = Math.min(server.accessTokenTTL ?? left, left);
  if (server.audience === builtIn.admin) return { ...server, accessTokenTTL, scope: '' };
  if (server.audience !== builtIn.account) return { ...server, accessTokenTTL };
  const readOnly = server.scope.split(' ').filter((scope) => scope === 'account:read');
  return { ...server, accessTokenTTL, scope: readOnly.join(' ') };
}
