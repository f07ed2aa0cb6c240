import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { builtInClients } from '../../../server/clients/built-in.ts';
import {
  type ClientMetadata,
  corsOrigins,
  parseClientMetadata,
  parsePatchedMetadata,
} from '../../../server/clients/metadata.ts';

const callback = ['https://app.example.com/callback'];
const service = { grant_types: ['client_credentials'] };
const publicApp = { token_endpoint_auth_method: 'none', redirect_uris: callback };

const publicJwk = (key = generateKeyPairSync('ec', { namedCurve: 'P-256' })) => ({
  ...key.publicKey.export({ format: 'jwk' }),
  kid: 'one',
});
const jwks = { keys: [publicJwk()] };

function valid(given: unknown): ClientMetadata {
  const outcome = parseClientMetadata(given);
  if (outcome.kind !== 'valid') throw new Error(JSON.stringify(outcome.fields));
  return outcome.metadata;
}

function badFields(given: unknown): string[] {
  const outcome = parseClientMetadata(given);
  return outcome.kind === 'valid' ? [] : outcome.fields.map(({ field }) => field);
}

describe('defaults', () => {
  it('makes of a redirect URI alone a confidential web app with PKCE that asks for consent', () => {
    expect(valid({ redirect_uris: callback })).toEqual({
      redirect_uris: callback,
      post_logout_redirect_uris: [],
      grant_types: ['authorization_code'],
      response_types: ['code'],
      token_endpoint_auth_method: 'client_secret_basic',
      application_type: 'web',
      scope: 'openid profile email address phone offline_access roles permissions',
      id_token_signed_response_alg: 'RS256',
      subject_type: 'public',
      require_auth_time: false,
      dpop_bound_access_tokens: false,
      require_pushed_authorization_requests: false,
      skip_consent: false,
      require_pkce: true,
      introspection_scope: 'own',
      profile: 'default',
    });
  });

  it('gives a service neither response types nor anything about people', () => {
    const metadata = valid(service);
    expect(metadata.response_types).toEqual([]);
    expect(metadata).not.toHaveProperty('scope');
  });

  it('turns on all that the profile fapi2 demands', () => {
    expect(valid({ profile: 'fapi2', redirect_uris: callback, jwks })).toMatchObject({
      token_endpoint_auth_method: 'private_key_jwt',
      id_token_signed_response_alg: 'PS256',
      dpop_bound_access_tokens: true,
      require_pushed_authorization_requests: true,
    });
  });

  it('are valid themselves: what was accepted once is accepted again as it stands', () => {
    for (const given of [
      { redirect_uris: callback },
      service,
      publicApp,
      { profile: 'fapi2', redirect_uris: callback, jwks },
    ]) {
      expect(valid(valid(given))).toEqual(valid(given));
    }
  });
});

describe('shape', () => {
  it.each([
    ['an unknown field', { redirect_uris: callback, role: 'admin' }, ['role']],
    [
      'several at once',
      { redirect_uris: 'x', client_name: 7, tos: 1, grant_types: ['password'] },
      ['redirect_uris', 'grant_types.0', 'client_name', 'tos'],
    ],
    [
      'client_secret_jwt',
      { redirect_uris: callback, token_endpoint_auth_method: 'client_secret_jwt' },
      ['token_endpoint_auth_method'],
    ],
    [
      'an HMAC',
      { redirect_uris: callback, id_token_signed_response_alg: 'HS256' },
      ['id_token_signed_response_alg'],
    ],
    [
      'alg none',
      { redirect_uris: callback, userinfo_signed_response_alg: 'none' },
      ['userinfo_signed_response_alg'],
    ],
    [
      'the implicit flow',
      { redirect_uris: callback, response_types: ['id_token token'] },
      ['response_types.0'],
    ],
    ['pairwise subjects', { redirect_uris: callback, subject_type: 'pairwise' }, ['subject_type']],
    ['a client_id', { redirect_uris: callback, client_id: 'x' }, ['client_id']],
    ['a secret', { redirect_uris: callback, client_secret: 'x' }, ['client_secret']],
    [
      'a name that turns the text around',
      { redirect_uris: callback, client_name: 'a\u202eb' },
      ['client_name'],
    ],
    ['a name of two lines', { redirect_uris: callback, client_name: 'a\nb' }, ['client_name']],
    ['a scope with two spaces', { redirect_uris: callback, scope: 'openid  email' }, ['scope']],
    ['a scope with a quote', { redirect_uris: callback, scope: 'openid "x"' }, ['scope']],
    ['an empty scope', { redirect_uris: callback, scope: '' }, ['scope']],
    ['a contact that is no address', { redirect_uris: callback, contacts: ['me'] }, ['contacts.0']],
    ['a negative age', { redirect_uris: callback, default_max_age: -1 }, ['default_max_age']],
    ['null', null, ['(input)']],
    ['a list', [], ['(input)']],
  ])('refuses %s', (_what, given, fields) => {
    expect(badFields(given).toSorted()).toEqual(fields.toSorted());
  });

  it('never repeats a value that it refuses', () => {
    const outcome = parseClientMetadata({
      redirect_uris: ['javascript:SECRET'],
      client_name: 'SECRET\n',
      scope: 'SECRET"',
      token_endpoint_auth_method: 'SECRET',
      jwks: { keys: [{ kty: 'oct', k: 'SECRET' }] },
    });
    expect(outcome.kind).toBe('refused');
    expect(JSON.stringify(outcome)).not.toContain('SECRET');
  });

  it('names at most a hundred faults', () => {
    const given = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`x${index}`, 1]));
    expect(badFields(given)).toHaveLength(100);
  });
});

const uriFields = [
  'client_uri',
  'logo_uri',
  'policy_uri',
  'tos_uri',
  'jwks_uri',
  'initiate_login_uri',
] as const;
const scripts = [
  'javascript:x',
  'JavaScript:x',
  'JAVASCRIPT:x',
  'jAvAsCrIpT:x',
  'data:x',
  'DaTa:x',
  'file:///x',
  'FILE:///x',
  'vbscript:x',
  'VbScript:x',
];
const everyUri = [
  ...uriFields.flatMap((field) => scripts.map((uri) => [field, uri, uri] as const)),
  ...(['redirect_uris', 'post_logout_redirect_uris'] as const).flatMap((field) =>
    ['*', ...scripts].map((uri) => [field, uri, [uri]] as const),
  ),
];

describe('A03 and A04: addresses that are scripts, and wildcards', () => {
  const stored = valid({ redirect_uris: callback });

  it.each(everyUri)('%s refuses %s at creation, with the code of RFC 7591', (field, _uri, value) => {
    const outcome = parseClientMetadata({ redirect_uris: callback, [field]: value });
    const code = field === 'redirect_uris' ? 'invalid_redirect_uri' : 'invalid_client_metadata';
    expect(outcome).toMatchObject({ kind: 'refused', code });
    expect(badFields({ redirect_uris: callback, [field]: value })[0]).toMatch(new RegExp(`^${field}`));
  });

  it.each(everyUri)('%s refuses %s at a change', (field, _uri, value) => {
    expect(parsePatchedMetadata(stored, { [field]: value })).toMatchObject({ kind: 'refused' });
  });
});

describe('rules between fields', () => {
  it.each<[string, Record<string, unknown>, string[]]>([
    ['no redirect URI for codes', {}, ['redirect_uris']],
    ['a private-use scheme in a web app', { redirect_uris: ['com.example.app:/x'] }, ['redirect_uris.0']],
    [
      'the same after a sign-out',
      { redirect_uris: callback, post_logout_redirect_uris: ['com.example.app:/x'] },
      ['post_logout_redirect_uris.0'],
    ],
    [
      'https on loopback in a native app',
      { application_type: 'native', redirect_uris: ['https://localhost/x'] },
      ['redirect_uris.0'],
    ],
    ['response types without their grant', { ...service, response_types: ['code'] }, ['response_types']],
    [
      'a grant without its response type',
      { redirect_uris: callback, response_types: [] },
      ['response_types'],
    ],
    ['a public service', { ...service, token_endpoint_auth_method: 'none' }, ['grant_types']],
    [
      'refresh tokens from nothing',
      { grant_types: ['client_credentials', 'refresh_token'] },
      ['grant_types'],
    ],
    ['both kinds of keys', { ...service, jwks, jwks_uri: 'https://app.example.com/jwks' }, ['jwks_uri']],
    ['private_key_jwt without keys', { ...service, token_endpoint_auth_method: 'private_key_jwt' }, ['jwks']],
    [
      'private_key_jwt with keys that only encrypt',
      {
        ...service,
        token_endpoint_auth_method: 'private_key_jwt',
        jwks: { keys: [{ ...publicJwk(), use: 'enc' }] },
      },
      ['jwks'],
    ],
    [
      'a signing algorithm for a secret',
      { ...service, token_endpoint_auth_signing_alg: 'ES256' },
      ['token_endpoint_auth_signing_alg'],
    ],
    ['a public client without PKCE', { ...publicApp, require_pkce: false }, ['require_pkce']],
    [
      'a public client that introspects',
      { ...publicApp, introspection_scope: 'any' },
      ['introspection_scope'],
    ],
    [
      'fapi2 and everything weaker',
      {
        profile: 'fapi2',
        redirect_uris: callback,
        token_endpoint_auth_method: 'client_secret_basic',
        id_token_signed_response_alg: 'RS256',
        userinfo_signed_response_alg: 'RS256',
        require_pkce: false,
        dpop_bound_access_tokens: false,
        require_pushed_authorization_requests: false,
      },
      [
        'token_endpoint_auth_method',
        'id_token_signed_response_alg',
        'userinfo_signed_response_alg',
        'require_pkce',
        'dpop_bound_access_tokens',
        'require_pushed_authorization_requests',
      ],
    ],
  ])('refuse %s', (_what, given, fields) => {
    expect(badFields(given)).toEqual(fields);
  });

  it.each<[string, Record<string, unknown>]>([
    ['a confidential client exempt from PKCE', { redirect_uris: callback, require_pkce: false }],
    [
      'a device that refreshes',
      {
        token_endpoint_auth_method: 'none',
        grant_types: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'],
      },
    ],
    [
      'a native app',
      {
        application_type: 'native',
        token_endpoint_auth_method: 'none',
        redirect_uris: ['com.example.app:/x', 'http://127.0.0.1/x', 'https://app.example.com/x'],
        post_logout_redirect_uris: ['com.example.app:/bye'],
      },
    ],
  ])('allow %s', (_what, given) => {
    expect(badFields(given)).toEqual([]);
  });
});

describe('keys', () => {
  const withKey = (key: object) => ({
    ...service,
    token_endpoint_auth_method: 'private_key_jwt',
    jwks: { keys: [key] },
  });
  const rsa = (modulusLength: number, publicExponent = 65_537) =>
    generateKeyPairSync('rsa', { modulusLength, publicExponent }).publicKey.export({ format: 'jwk' });
  const ecPair = generateKeyPairSync('ec', { namedCurve: 'P-256' });

  it.each([
    ['RSA', () => rsa(2048)],
    ['P-256', () => publicJwk(ecPair)],
    ['P-384', () => publicJwk(generateKeyPairSync('ec', { namedCurve: 'P-384' }))],
    ['Ed25519', () => generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' })],
    ['one with members that nobody knows', () => ({ ...publicJwk(), 'x5t#S256': 'abc', x5c: ['abc'] })],
  ])('accepts a public key: %s', (_what, make) => {
    expect(badFields(withKey(make()))).toEqual([]);
  });

  it.each([
    ['a private one', () => ecPair.privateKey.export({ format: 'jwk' })],
    ['a private one with nothing but d', () => ({ ...publicJwk(), d: '' })],
    ['a symmetric one', () => ({ kty: 'oct', k: 'AAAA' })],
    ['one for an HMAC', () => ({ ...publicJwk(), alg: 'HS256' })],
    ['RSA of 1024 bits', () => rsa(1024)],
    ['RSA with a small exponent', () => rsa(2048, 3)],
    ['secp256k1', () => publicJwk(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }))],
    ['a point that is not on the curve', () => ({ ...publicJwk(), x: 'AAAA'.repeat(11).slice(0, 43) })],
    ['one without a modulus', () => ({ kty: 'RSA', e: 'AQAB' })],
  ])('refuses %s', (_what, make) => {
    expect(badFields(withKey(make()))).not.toEqual([]);
  });

  it('refuses two keys of one name', () => {
    expect(badFields({ ...service, jwks: { keys: [publicJwk(), publicJwk()] } })).toEqual(['jwks']);
  });
});

describe('a merge patch', () => {
  it('changes what it names and leaves the rest', () => {
    const stored = valid({
      redirect_uris: callback,
      client_name: 'One',
      logo_uri: 'https://app.example.com/logo',
    });
    const outcome = parsePatchedMetadata(stored, { client_name: 'Two', logo_uri: null });
    const { logo_uri: _gone, ...rest } = stored;
    expect(outcome).toEqual({ kind: 'valid', metadata: { ...rest, client_name: 'Two' } });
  });

  it('lets what followed from the old state follow the new one', () => {
    const outcome = parsePatchedMetadata(valid({ redirect_uris: callback }), service);
    expect(outcome).toMatchObject({ kind: 'valid', metadata: { response_types: [] } });
    expect(outcome).not.toHaveProperty('metadata.scope');
  });

  it('keeps what the defaults depend on', () => {
    for (const given of [service, { profile: 'fapi2', redirect_uris: callback, jwks }]) {
      const stored = valid(given);
      expect(parsePatchedMetadata(stored, {})).toEqual({ kind: 'valid', metadata: stored });
    }
  });

  it('is judged by the whole that results', () => {
    const stored = valid({ redirect_uris: callback, require_pkce: false });
    expect(parsePatchedMetadata(stored, { token_endpoint_auth_method: 'none' })).toMatchObject({
      kind: 'refused',
      fields: [{ field: 'require_pkce' }],
    });
  });

  it('cannot remove a field that there is not', () => {
    expect(parsePatchedMetadata(valid({ redirect_uris: callback }), { role: null })).toMatchObject({
      kind: 'refused',
      fields: [{ field: 'role' }],
    });
  });
});

describe('web origins', () => {
  it('are those of the redirect URIs for a public client, each once', () => {
    const redirects = [...callback, 'https://app.example.com/other', 'http://localhost:3000/x'];
    expect(corsOrigins(valid({ ...publicApp, redirect_uris: redirects }))).toEqual([
      'https://app.example.com',
      'http://localhost:3000',
    ]);
  });

  it('are none for a private-use scheme', () => {
    const native = { ...publicApp, application_type: 'native', redirect_uris: ['com.example.app:/x'] };
    expect(corsOrigins(valid(native))).toEqual([]);
  });

  it('are none for a client with a secret, unless it lists them', () => {
    expect(corsOrigins(valid({ redirect_uris: callback }))).toEqual([]);
    const listed = ['https://other.example'];
    expect(corsOrigins(valid({ redirect_uris: callback, allowed_cors_origins: listed }))).toEqual(listed);
  });
});

it.each(['https://id.example.org', 'https://example.org/auth', 'http://localhost:3000'])(
  "the server's own clients keep to the rules under %s",
  (issuer) => {
    const [account] = builtInClients(issuer);
    expect(account).toMatchObject({
      id: 'gatehouse-account',
      metadata: {
        redirect_uris: [`${issuer}/account`, `${issuer}/account/back`],
        token_endpoint_auth_method: 'none',
        require_pkce: true,
      },
    });
  },
);
