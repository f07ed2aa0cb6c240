import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type RunningGatehouse, startGatehouse } from '../../support/gatehouse.ts';
import { exchange } from '../../support/http.ts';

let server: RunningGatehouse;
let metadata: Record<string, unknown>;
beforeAll(async () => {
  server = await startGatehouse({ database: 'postgres' });
  metadata = await read('/.well-known/openid-configuration');
});
afterAll(() => server.dispose());

async function read(path: string): Promise<Record<string, unknown>> {
  const answer = await exchange(server.issuer + path);
  expect(answer).toMatchObject({
    status: 200,
    headers: { 'content-type': expect.stringMatching(/^application\/(?:jwk-set\+)?json/) },
  });
  return JSON.parse(answer.text);
}

it('is found at both well-known addresses, with the same words', async () => {
  await expect(read('/.well-known/oauth-authorization-server')).resolves.toEqual(metadata);
});

it('names this issuer and endpoints below it', () => {
  const { issuer } = server;
  expect(metadata).toMatchObject({
    issuer,
    authorization_endpoint: `${issuer}/oauth2/authorize`,
    token_endpoint: `${issuer}/oauth2/token`,
    userinfo_endpoint: `${issuer}/oauth2/userinfo`,
    jwks_uri: `${issuer}/oauth2/jwks`,
    introspection_endpoint: `${issuer}/oauth2/introspect`,
    revocation_endpoint: `${issuer}/oauth2/revoke`,
    pushed_authorization_request_endpoint: `${issuer}/oauth2/par`,
    device_authorization_endpoint: `${issuer}/oauth2/device_authorization`,
    end_session_endpoint: `${issuer}/oauth2/logout`,
  });
});

it('offers what the server has, and nothing weaker', () => {
  expect(metadata).toMatchObject({
    response_types_supported: ['code'],
    code_challenge_methods_supported: ['S256'],
    authorization_response_iss_parameter_supported: true,
    subject_types_supported: ['public'],
  });
  expect(metadata.grant_types_supported).toEqual([
    'authorization_code',
    'refresh_token',
    'client_credentials',
    'urn:ietf:params:oauth:grant-type:device_code',
  ]);
  expect(metadata.token_endpoint_auth_methods_supported).toEqual([
    'client_secret_basic',
    'client_secret_post',
    'private_key_jwt',
    'none',
  ]);
  const algorithms = Object.entries(metadata).filter(([name]) => name.includes('_alg_values_'));
  expect(algorithms.length).toBeGreaterThan(2);
  for (const [, values] of algorithms) expect(JSON.stringify(values)).not.toMatch(/"(?:none|HS\d+)"/);
});

it('publishes keys with ids, and nothing private of them', async () => {
  const { keys } = await read('/oauth2/jwks');
  const known = keys as Record<string, unknown>[];
  expect(new Set(known.map(({ kty }) => kty))).toEqual(new Set(['EC', 'OKP', 'RSA']));
  expect(new Set(known.map(({ kid }) => kid)).size).toBe(known.length);
  for (const key of known) {
    expect(key).toMatchObject({ kid: expect.stringMatching(/^[\w-]{8,}$/), use: 'sig' });
    for (const secret of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'])
      expect(key).not.toHaveProperty(secret);
  }
  // RFC 8017: 3,072 bits are 384 bytes.
  expect(Buffer.from(String(known.find(({ kty }) => kty === 'RSA')?.n), 'base64url')).toHaveLength(384);
});

it('may be read by scripts of every origin', async () => {
  for (const path of [
    '/.well-known/openid-configuration',
    '/.well-known/oauth-authorization-server',
    '/oauth2/jwks',
  ]) {
    const answer = await exchange(server.issuer + path, { headers: { origin: 'https://anywhere.example' } });
    expect(answer.headers['access-control-allow-origin']).toBe('https://anywhere.example');
    expect(answer.headers).not.toHaveProperty('access-control-allow-credentials');
  }
});
