import type { Configuration, KoaContextWithOIDC } from 'oidc-provider';
import type { RoleGraph } from '../clients/roles/graph.ts';
import type { Clock } from '../clock.ts';
import type { KnownAccount } from './claims.ts';
import { rolesOfClient } from './client-roles.ts';
import { actOf, supportIn } from './support.ts';

type EngineToken = Parameters<NonNullable<Configuration['extraTokenClaims']>>[1];

export interface TokenClaimsDeps {
  roleGraph: { current(): Promise<RoleGraph> };
  clock: Clock;
  /** Of the APIs of this server itself. */
  ownAudiences: readonly string[];
}

/** Metadata of the engine's client: what the tokens hang from that it gets for itself. */
export const tokenRefKey = 'token_ref';

/**
 * What a token for a resource server says beside the engine's own claims: `grant_ref` is what it hangs from and ends with,
 * the grant of a person or else the registration of a client; `sid` the browser session that it began in; and when and how
 * the person signed in (RFC 9068 2.2.1), so that an API can ask for more (RFC 9470). `act` names an operator who acts for the
 * person (RFC 8693 4.1); tokens for userinfo say that too.
 */
export const makeTokenClaims =
  (deps: TokenClaimsDeps) =>
  async (ctx: KoaContextWithOIDC, token: EngineToken): Promise<Record<string, unknown> | undefined> => {
    const mark = token.kind === 'AccessToken' ? supportIn(ctx) : undefined;
    const act = mark === undefined ? undefined : { act: actOf(mark) };
    if (token.resourceServer === undefined) return act;
    const rights = await rightsOf(deps, ctx, token);
    return token.kind === 'AccessToken'
      ? { sid: token.sessionUid, grant_ref: token.grantId, ...signInOf(ctx), ...rights, ...act }
      : { grant_ref: token.client?.[tokenRefKey], ...rights };
  };

/**
 * Where the scopes of these names were granted: `permissions`, what the roles of the person, or of the service, allow at this
 * resource server, as far as the app may have it; `roles` (RFC 9068 2.2.3.1), all that they have. A token that says so ends with
 * the first of them, so it says nothing unasked. The APIs of this server look for themselves.
 */
async function rightsOf(
  { roleGraph, clock, ownAudiences }: TokenClaimsDeps,
  { oidc }: KoaContextWithOIDC,
  token: EngineToken,
): Promise<Record<string, unknown>> {
  const { resourceServer, client } = token;
  const audience = resourceServer?.audience;
  if (resourceServer === undefined || typeof audience !== 'string' || ownAudiences.includes(audience))
    return {};
  const account = oidc.entities.Account as KnownAccount | undefined;
  const ofClient = client === undefined ? [] : rolesOfClient(client, clock.now());
  const held = token.kind === 'AccessToken' ? (account?.roles ?? []) : ofClient;
  const graph = await roleGraph.current();
  const allowed = graph.permissionsOf(held).get(audience) ?? new Set<string>();
  return {
    ...(isGranted(oidc, 'permissions')
      ? { permissions: [...resourceServer.scopes].filter((scope) => allowed.has(scope)) }
      : {}),
    ...(isGranted(oidc, 'roles') ? { roles: graph.closureOf(held) } : {}),
  };
}

function isGranted({ entities, requestParamScopes }: KoaContextWithOIDC['oidc'], scope: string): boolean {
  const { Grant: grant, AuthorizationCode: code, RefreshToken: refresh, DeviceCode: device } = entities;
  const source = refresh ?? code ?? device;
  if (source === undefined) return requestParamScopes.has(scope);
  return source.scopes.has(scope) && grant?.getOIDCScopeFiltered(new Set([scope])) === scope;
}

/** As what the token was got for remembers it. */
function signInOf({ oidc: { entities } }: KoaContextWithOIDC): Record<string, unknown> {
  const source = entities.RefreshToken ?? entities.AuthorizationCode ?? entities.DeviceCode;
  return { auth_time: source?.authTime, acr: source?.acr, amr: source?.amr };
}
