import { describe, expect, it } from '@jest/globals';
import { loggableFields } from '../../../adapters/logging/fields.ts';
import { isSecretName, mask, maskSecrets } from '../../../adapters/logging/redaction.ts';

describe('a field named like a secret', () => {
  it.each([
    'password',
    'new_password',
    'newPassword',
    'client_secret',
    'clientSecret',
    'access_token',
    'refreshToken',
    'id_token',
    'token',
    'tokens',
    'code',
    'user_code',
    'device_code',
    'code_verifier',
    'cookie',
    'set-cookie',
    'Cookies',
    'Authorization',
    'proxy-authorization',
    'client_assertion',
    'jti',
    'sessionId',
    'DPoP',
    'encryptionKeys',
    'jwk',
    'otp',
  ])('is masked: %s', (name) => {
    expect(isSecretName(name)).toBe(true);
    expect(loggableFields({ outer: { [name]: 'canary' } })).toEqual({ outer: { [name]: mask } });
  });

  it.each([
    'status',
    'statusCode',
    'errorCode',
    'token_endpoint_auth_method',
    'token_type',
    'tokenCount',
    'keyId',
    'kid',
    'clientId',
    'path',
    'requestId',
    'grant_type',
    'code_challenge_method',
  ])('is not: %s', (name) => {
    expect(isSecretName(name)).toBe(false);
  });

  it('is left when there is nothing to hide', () => {
    expect(loggableFields({ password: '', token: null, tokens: 3, cookie: true })).toEqual({
      password: '',
      token: null,
      tokens: 3,
      cookie: true,
    });
  });
});

describe('a secret inside a longer text', () => {
  const jwt = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.c2lnbmF0dXJl';

  it.each([
    ['a code in a query', '/cb?code=canary&state=s', `/cb?code=${mask}&state=s`],
    [
      'tokens in a fragment',
      'https://a/#access_token=canary&id_token=canary',
      `https://a/#access_token=${mask}&id_token=${mask}`,
    ],
    [
      'a hint at the end of a session',
      '/oauth2/logout?id_token_hint=canary',
      `/oauth2/logout?id_token_hint=${mask}`,
    ],
    ['a form', 'username=ada&password=canary', `username=ada&password=${mask}`],
    ['a bearer header', 'got Bearer canary-canary', `got Bearer ${mask}`],
    ['a basic header', 'basic Y2FuYXJ5OmNhbmFyeQ==', `basic ${mask}`],
    ['a JWT', `rejected ${jwt} as expired`, `rejected ${mask} as expired`],
    ['a database URL', 'connect postgres://user:canary@db/x', `connect postgres://${mask}@db/x`],
    ['a user name alone, which may be a token', 'smtp://canary@mail', `smtp://${mask}@mail`],
  ])('is masked: %s', (_what, text, masked) => {
    expect(maskSecrets(text)).toBe(masked);
  });

  it('is masked in messages and stacks of errors and in addresses', () => {
    const error = new Error('GET /cb?code=canary failed', { cause: new Error('Bearer canary-canary') });
    const logged = JSON.stringify(loggableFields({ error, to: new URL('https://u:canary@h/?token=canary') }));
    expect(logged).not.toContain('canary');
  });

  it.each([
    'zip code=many',
    '/oauth2/token',
    'https://id.example.org/a@b',
    'mailto a@example.org',
    'status=200',
  ])('is not suspected in %j without reason', (text) => {
    expect(maskSecrets(text.replace('zip code', 'zip_code'))).toBe(text.replace('zip code', 'zip_code'));
  });

  it('costs no more than a long text deserves', () => {
    const started = process.hrtime.bigint();
    for (const piece of ['a', 'eyJ', 'Bearer ', '?code=', 'a://', ' ', '://@'])
      maskSecrets(piece.repeat(20_000));
    expect(Number(process.hrtime.bigint() - started) / 1e6).toBeLessThan(1_000);
  });
});
