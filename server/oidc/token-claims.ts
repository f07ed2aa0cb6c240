import type { Configuration } from 'oidc-provider';

type EngineToken = Parameters<NonNullable<Configuration['extraTokenClaims']>>[1];

/** Metadata of the engine's client: what the tokens hang from that it gets for itself. */
export const tokenRefKey = 'token_ref';

/**
 * What a token for a resource server says beside the engine's own claims: `grant_ref` is what it hangs from and ends with,
 * the grant of a person or else the registration of a client; `sid` the browser session that it began in.
 */
export function tokenClaims(token: EngineToken): Record<string, unknown> | undefined {
  if (token.resourceServer === undefined) return undefined;
  return token.kind === 'AccessToken'
    ? { sid: token.sessionUid, grant_ref: token.grantId }
    : { grant_ref: token.client?.[tokenRefKey] };
}
