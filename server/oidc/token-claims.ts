import type { Configuration, KoaContextWithOIDC } from 'oidc-provider';
import { actOf, supportIn } from './support.ts';

type EngineToken = Parameters<NonNullable<Configuration['extraTokenClaims']>>[1];

/** Metadata of the engine's client: what the tokens hang from that it gets for itself. */
export const tokenRefKey = 'token_ref';

/**
 * What a token for a resource server says beside the engine's own claims: `grant_ref` is what it hangs from and ends with,
 * the grant of a person or else the registration of a client; `sid` the browser session that it began in; and when and how
 * the person signed in (RFC 9068 2.2.1), so that an API can ask for more (RFC 9470). `act` names an operator who acts for the
 * person (RFC 8693 4.1); tokens for userinfo say that too.
 */
export function tokenClaims(
  ctx: KoaContextWithOIDC,
  token: EngineToken,
): Record<string, unknown> | undefined {
  const mark = token.kind === 'AccessToken' ? supportIn(ctx) : undefined;
  const act = mark === undefined ? undefined : { act: actOf(mark) };
  if (token.resourceServer === undefined) return act;
  return token.kind === 'AccessToken'
    ? { sid: token.sessionUid, grant_ref: token.grantId, ...signInOf(ctx), ...act }
    : { grant_ref: token.client?.[tokenRefKey] };
}

/** As what the token was got for remembers it. */
function signInOf({ oidc: { entities } }: KoaContextWithOIDC): Record<string, unknown> {
  const source = entities.RefreshToken ?? entities.AuthorizationCode ?? entities.DeviceCode;
  return { auth_time: source?.authTime, acr: source?.acr, amr: source?.amr };
}
