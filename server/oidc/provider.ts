import {
  type AdapterFactory,
  type AdapterPayload,
  type Configuration,
  type Client as EngineClient,
  errors,
  type KoaContextWithOIDC,
  Provider,
} from 'oidc-provider';
import type { AccountStore } from '../accounts/store.ts';
import { acrValues } from '../clients/metadata-shape.ts';
import { ownAudiences } from '../clients/resource-servers.ts';
import type { RoleGraph } from '../clients/roles/graph.ts';
import type { SecretGuesses } from '../clients/secret-guesses.ts';
import type { SecretUses } from '../clients/secrets/secret-uses.ts';
import type { Clock } from '../clock.ts';
import type { SigningKey } from '../keys/signing-key.ts';
import type { ConsentStore } from '../sessions/consent.ts';
import type { TokenStanding } from '../sessions/token-standing.ts';
import { enabledJWA } from './algorithms.ts';
import type { AttributeClaims } from './attribute-claims.ts';
import { claimsOfScopes, knownAccount, oidcScopes } from './claims.ts';
import { extraProperties } from './client-metadata.ts';
import { installSecretComparison } from './client-secrets.ts';
import { cookies } from './cookies.ts';
import { type EventDeps, subscribe } from './events.ts';
import { makeLoadExistingGrant } from './grants.ts';
import { mayIntrospect } from './introspection.ts';
import { installKeptClients } from './kept-clients.ts';
import { type Lifetimes, ttl } from './lifetimes.ts';
import { turnPostIntoGet } from './posted-requests.ts';
import { notingCodes } from './presented-code.ts';
import { makeIsGoodForAudience, makeResourcePolicy, type ResourcePolicyDeps } from './resources.ts';
import { makeIsWiderStored } from './stored-rights.ts';
import { actIn, limitToSupport, supportIn } from './support.ts';
import { makeTokenClaims } from './token-claims.ts';
import { endMisused } from './token-misuse.ts';
import { noDefaultResource } from './type-gaps.ts';
import { installUnauthorizedClient } from './unauthorized-client.ts';
import { installWholeFamilies } from './whole-families.ts';
import type { IsWider } from './wider-tokens.ts';

/** The pages that the engine asks its host to show. */
export interface EnginePages {
  signOut(ctx: KoaContextWithOIDC, action: string, xsrf: string): Promise<void>;
  signedOut(ctx: KoaContextWithOIDC): Promise<void>;
  error(
    ctx: KoaContextWithOIDC,
    out: { error: string; error_description?: string | undefined },
    cause: Error,
  ): Promise<void>;
  /** `refusal`: what became of the code that was entered before. */
  userCode(
    ctx: KoaContextWithOIDC,
    action: string,
    xsrf: string,
    refusal?: 'not_accepted' | 'aborted',
  ): Promise<void>;
  confirmUserCode(
    ctx: KoaContextWithOIDC,
    action: string,
    xsrf: string,
    client: EngineClient,
    userCode: string,
  ): Promise<void>;
  deviceDone(ctx: KoaContextWithOIDC): Promise<void>;
}

export interface ProviderDeps {
  issuer: string;
  secure: boolean;
  cookieKeys: readonly string[];
  signingKeys: readonly SigningKey[];
  lifetimes: Lifetimes;
  adapter: AdapterFactory;
  /** MUST give the same object as long as nothing about the client has changed. */
  readClient(clientId: string): Promise<AdapterPayload | undefined>;
  /** Whether this identifier is seen for the first time; one statement. */
  seenOnce(issuer: string, id: string, expiresAt: number): Promise<boolean>;
  accounts: Pick<AccountStore, 'find'>;
  attributeClaims: AttributeClaims;
  consents: ConsentStore;
  standing: Pick<TokenStanding, 'end'>;
  secretGuesses: SecretGuesses;
  secretUses: Pick<SecretUses, 'note'>;
  resources: ResourcePolicyDeps;
  roleGraph: { current(): Promise<RoleGraph> };
  isWider: IsWider;
  clock: Clock;
  corsOrigins(client: EngineClient): readonly string[];
  interactionUrl(uid: string, clientId: unknown): string;
  policy: NonNullable<NonNullable<Configuration['interactions']>['policy']>;
  /** Of `prompt`. */
  promptValues: readonly string[];
  pages: EnginePages;
  events: EventDeps;
  /** Fetches for the engine (jwks_uri and the like), guarded against internal addresses. */
  fetch: NonNullable<Configuration['fetch']>;
}

/** The engine, configured for what we are. */
export function makeProvider(deps: ProviderDeps): Provider {
  const claimSources = { attributesOf: deps.attributeClaims.of, roleGraph: deps.roleGraph };
  const provider = new Provider(deps.issuer, {
    adapter: notingCodes(deps.adapter),
    jwks: { keys: deps.signingKeys.map(({ jwk }) => jwk) },
    cookies: cookies(deps.secure, deps.cookieKeys),
    ttl: ttl(deps.lifetimes),
    enabledJWA,
    responseTypes: ['code'],
    clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'],
    scopes: oidcScopes,
    claims: claimsOfScopes,
    acrValues: [...acrValues],
    // RFC 9700 2.1.1, RFC 7636: S256 (the engine knows no other), for everybody whom an operator has not exempted.
    pkce: { required: (_ctx, client) => client.require_pkce !== false },
    rotateRefreshToken: (ctx) => ctx.oidc.client?.profile !== 'fapi2',
    // An operator who acts for somebody has only as long as the support session lasts.
    issueRefreshToken: async (_ctx, client, code) =>
      client.grantTypeAllowed('refresh_token') && actIn(code) === undefined,
    // A sign-out ends them (events.ts), an idle browser does not.
    expiresWithSession: async () => false,
    allowOmittingSingleRegisteredRedirectUri: false,
    clientBasedCORS: (_ctx, origin, client) => deps.corsOrigins(client).includes(origin),
    extraClientMetadata: { properties: extraProperties },
    findAccount: async (_ctx, id, source) => {
      const account = await deps.accounts.find(id);
      if (account?.status !== 'active') return undefined;
      return knownAccount(account, claimSources, actIn(source));
    },
    loadExistingGrant: makeLoadExistingGrant(deps.consents, deps.resources),
    // A revoked token ends its grant, and with it the tokens that nobody stores (docs/decisions/0010).
    revokeGrantPolicy: () => true,
    extraTokenClaims: makeTokenClaims({ ...deps, ownAudiences: Object.values(ownAudiences(deps.issuer)) }),
    discovery: { ...metadata, prompt_values_supported: [...deps.promptValues] },
    interactions: {
      policy: deps.policy,
      url: (_ctx, { uid, params }) => deps.interactionUrl(uid, params.client_id),
    },
    routes: {
      authorization: '/oauth2/authorize',
      token: '/oauth2/token',
      userinfo: '/oauth2/userinfo',
      jwks: '/oauth2/jwks',
      introspection: '/oauth2/introspect',
      revocation: '/oauth2/revoke',
      pushed_authorization_request: '/oauth2/par',
      device_authorization: '/oauth2/device_authorization',
      registration: '/oauth2/register',
      end_session: '/oauth2/logout',
      backchannel_authentication: '/oauth2/ciba',
      code_verification: '/device',
    },
    renderError: (ctx, out, error) => deps.pages.error(ctx, out, error),
    fetch: deps.fetch,
    fetchResponseBodyLimits: { jwks_uri: 64 * 1024, sector_identifier_uri: 64 * 1024 },
    features: features(deps),
  });
  installSecretComparison(provider, {
    guesses: deps.secretGuesses,
    uses: deps.secretUses,
    audit: deps.events.audit,
  });
  installKeptClients(provider, deps.readClient);
  installUnauthorizedClient(provider);
  installWholeFamilies(provider, deps.standing);
  provider.ReplayDetection.unique = deps.seenOnce;
  subscribe(provider, deps.events);
  endMisused(provider);
  provider.use(turnPostIntoGet);
  provider.use(deps.attributeClaims.install(provider));
  return provider;
}

/** What the metadata says beside the engine's own (RFC 8414 2): introspection and revocation take RFC 9068 tokens as well. */
const metadata = {
  jwt_access_token_introspection_supported: true,
  jwt_access_token_revocation_supported: true,
};

function features(deps: ProviderDeps): NonNullable<Configuration['features']> {
  const { pages } = deps;
  const isGoodForAudience = makeIsGoodForAudience(deps.resources.find);
  const isWider = makeIsWiderStored(deps);
  const resourcePolicy = makeResourcePolicy(deps.resources);
  return {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    introspection: {
      enabled: true,
      allowedPolicy: async (ctx, client, token) =>
        mayIntrospect(client, token.clientId) &&
        (await isGoodForAudience(token)) &&
        !(await isWider(token, ctx.oidc.provider)),
    },
    revocation: { enabled: true },
    userinfo: { enabled: true },
    jwtUserinfo: { enabled: true },
    dPoP: { enabled: true },
    pushedAuthorizationRequests: { enabled: true, requirePushedAuthorizationRequests: false },
    claimsParameter: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: async (_ctx, _client, oneOf) =>
        (Array.isArray(oneOf) ? oneOf[0] : oneOf) ?? noDefaultResource,
      // Asked for at the authorization endpoint, the token is for that resource without naming it again (RFC 8707 2.2).
      useGrantedResource: async () => true,
      getResourceServerInfo: async (ctx, resource, client) =>
        limitToSupport(
          await resourcePolicy(ctx, resource, client),
          supportIn(ctx),
          ownAudiences(deps.issuer),
        ),
    },
    rpInitiatedLogout: {
      enabled: true,
      logoutSource: (ctx) => pages.signOut(ctx, ctx.oidc.urlFor('end_session_confirm'), xsrfOf(ctx)),
      postLogoutSuccessSource: (ctx) => pages.signedOut(ctx),
    },
    deviceFlow: {
      enabled: true,
      userCodeInputSource: (ctx, _form, out, error) => {
        if (out !== undefined && error instanceof errors.OIDCProviderError) {
          // The engine has put a new token into the session and would save it: over that of a form that is still open, or
          // into a session that was never saved, which fails.
          Reflect.set(ctx.oidc.session ?? {}, 'touched', false);
          return pages.error(ctx, out, error);
        }
        const refusal = error?.name === 'AbortedError' ? 'aborted' : 'not_accepted';
        return pages.userCode(
          ctx,
          ctx.oidc.urlFor('code_verification'),
          xsrfOf(ctx),
          error === undefined ? undefined : refusal,
        );
      },
      userCodeConfirmSource: (ctx, _form, client, _device, userCode) =>
        pages.confirmUserCode(ctx, ctx.oidc.urlFor('code_verification'), xsrfOf(ctx), client, userCode),
      successSource: (ctx) => pages.deviceDone(ctx),
    },
  };
}

function xsrfOf(ctx: KoaContextWithOIDC): string {
  const state: unknown = ctx.oidc.session?.state;
  if (typeof state === 'object' && state !== null && 'secret' in state && typeof state.secret === 'string')
    return state.secret;
  throw new Error('the engine asked for a form without a session');
}
