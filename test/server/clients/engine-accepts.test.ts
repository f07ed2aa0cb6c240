import { generateKeyPairSync } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Client as EngineClient, default as Provider } from 'oidc-provider';
import { builtInClients } from '../../../server/clients/built-in.ts';
import type { Client } from '../../../server/clients/client.ts';
import { parseClientMetadata } from '../../../server/clients/metadata.ts';
import {
  acrValues,
  authMethods,
  clientMetadataShape,
  grantTypes,
  signingAlgorithms,
} from '../../../server/clients/metadata-shape.ts';
import { randomIds } from '../../../server/ids.ts';
import { makeSigningKeys } from '../../../server/keys/make-signing-keys.ts';
import { engineMetadata } from '../../../server/oidc/client-metadata.ts';
import { makeProvider } from '../../../server/oidc/provider.ts';
import { aClient, someTime } from '../../contracts/builders.ts';

const unused = (): never => {
  throw new Error('nothing is asked for here');
};

let provider: Provider;
beforeAll(async () => {
  provider = makeProvider({
    issuer: 'https://id.example.org',
    secure: true,
    cookieKeys: ['key'],
    signingKeys: await makeSigningKeys({ clock: { now: () => someTime }, ids: randomIds }),
    lifetimes: {
      authorizationCode: 60,
      accessToken: 600,
      idToken: 600,
      refreshTokenIdle: 600,
      refreshTokenAbsolute: 600,
      sessionIdle: 600,
      sessionAbsolute: 600,
      interaction: 600,
      deviceCode: 600,
      pushedRequest: 60,
    },
    adapter: unused,
    readClient: unused,
    seenOnce: unused,
    accounts: { find: unused },
    attributeClaims: { refresh: unused, scopes: () => [], of: () => ({}), install: () => unused },
    standing: { end: unused },
    secretGuesses: { wait: () => 0, failed: () => false, succeeded: () => {} },
    secretUses: { note: () => {} },
    consents: { find: unused, save: unused, delete: unused },
    resources: { needsRegistration: () => false, find: unused, permissionsOf: unused, rolesOf: unused },
    roleGraph: { current: unused },
    isWider: unused,
    clock: { now: () => someTime },
    corsOrigins: () => [],
    interactionUrl: unused,
    policy: [],
    promptValues: ['none', 'login', 'consent'],
    pages: {
      signOut: unused,
      signedOut: unused,
      error: unused,
      userCode: unused,
      confirmUserCode: unused,
      deviceDone: unused,
    },
    events: {
      audit: { append: unused },
      log: { debug() {}, info() {}, warn() {}, error() {} },
      refusals: { note: unused },
      tellApps: unused,
      count() {},
    },
    fetch: unused,
  });
});

/** The types hide that the engine's clients can be made of metadata. */
function construct(client: Client): EngineClient {
  return Reflect.construct(provider.Client, [
    engineMetadata({ client, secrets: [], expired: [], tokenRef: 'ref', roles: [] }),
  ]);
}

/** What the engine has made of it, in the names of RFC 7591. */
function load(given: unknown): Record<string, unknown> {
  const outcome = parseClientMetadata(given);
  if (outcome.kind === 'refused') throw new Error(JSON.stringify(outcome.fields));
  return construct(aClient({ metadata: outcome.metadata })).metadata();
}

const callback = ['https://app.example.com/callback'];
const jwks = {
  keys: [
    { ...generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' }), kid: 'a' },
  ],
};
const keyClient = { token_endpoint_auth_method: 'private_key_jwt', jwks };
const service = { grant_types: ['client_credentials'] };

/** One variant for every field, so that none can be accepted here and dropped or refused there. */
const variants: [keyof typeof clientMetadataShape.shape, unknown, object?][] = [
  ['redirect_uris', ['https://app.example.com/callback?x=1', 'http://localhost:3000/callback']],
  [
    'redirect_uris',
    ['com.example.app:/x', 'http://127.0.0.1/x', 'http://[::1]/x'],
    { application_type: 'native' },
  ],
  ['post_logout_redirect_uris', ['https://app.example.com/', 'http://127.0.0.1:3000/']],
  ['post_logout_redirect_uris', ['com.example.app:/bye'], { application_type: 'native' }],
  ['grant_types', [...grantTypes]],
  ['grant_types', ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token']],
  ['grant_types', ['client_credentials']],
  ['response_types', ['code']],
  ...authMethods.map((method): [keyof typeof clientMetadataShape.shape, unknown, object] => [
    'token_endpoint_auth_method',
    method,
    method === 'private_key_jwt' ? { jwks } : {},
  ]),
  ...signingAlgorithms.flatMap((alg): [keyof typeof clientMetadataShape.shape, unknown, object?][] => [
    ['token_endpoint_auth_signing_alg', alg, keyClient],
    ['id_token_signed_response_alg', alg],
    ['userinfo_signed_response_alg', alg],
  ]),
  ['application_type', 'native'],
  ['client_name', 'Größe & Co. 日本'],
  ['client_uri', 'https://app.example.com/#top'],
  ['logo_uri', 'https://app.example.com/logo.png'],
  ['policy_uri', 'https://app.example.com/policy'],
  ['tos_uri', 'http://localhost/tos'],
  ['contacts', ['admin@example.org', 'a.b+c@sub.example.org']],
  ['scope', 'openid email'],
  ['jwks', jwks],
  ['jwks_uri', 'https://app.example.com/jwks', { token_endpoint_auth_method: 'private_key_jwt' }],
  ['subject_type', 'public'],
  ['default_max_age', 0],
  ['default_max_age', 3600],
  ['require_auth_time', true],
  ['default_acr_values', [...acrValues]],
  ['initiate_login_uri', 'https://app.example.com/login'],
  ['dpop_bound_access_tokens', true],
  ['require_pushed_authorization_requests', true],
  ['backchannel_logout_uri', 'https://app.example.com/signed-out'],
  ['backchannel_logout_session_required', true],
  ['skip_consent', true],
  ['require_pkce', false],
  ['allowed_cors_origins', ['https://app.example.com']],
  ['introspection_scope', 'any'],
  ['profile', 'fapi2', { ...keyClient }],
  ['sign_up', 'domains'],
  ['sign_up_domains', ['example.com']],
  ['require_verified_email', true],
];

describe('the engine', () => {
  it.each(variants)('keeps %s %j as it was accepted', (field, value, others = {}) => {
    const grants = field === 'grant_types' && !(value as string[]).includes('authorization_code');
    const given = { ...(grants ? {} : { redirect_uris: callback }), ...others, [field]: value };
    expect(load(given)).toMatchObject({ [field]: value });
  });

  it('has a variant of every field here', () => {
    // Only for people, or for the server itself: the engine has no use for them.
    const ours = ['software_id', 'software_version'];
    const tried = new Set<string>([...variants.map(([field]) => field), ...ours]);
    expect(Object.keys(clientMetadataShape.shape).filter((field) => !tried.has(field))).toEqual([]);
  });

  it('changes no default of ours', () => {
    const outcome = parseClientMetadata({ redirect_uris: callback });
    expect(load({ redirect_uris: callback })).toMatchObject(outcome.kind === 'valid' ? outcome.metadata : {});
  });

  it('takes scopes of resource servers along, apart from its own', () => {
    expect(load({ ...service, scope: 'clients:read users:write' })).toMatchObject({
      registered_scope: 'clients:read users:write',
    });
  });

  it("loads the server's own clients", () => {
    for (const { id, metadata } of builtInClients('https://id.example.org')) {
      expect(construct(aClient({ id, metadata })).clientId).toBe(id);
    }
  });
});
