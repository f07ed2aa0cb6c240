import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type RunningGatehouse, startGatehouse } from '../../support/gatehouse.ts';
import { exchange, type HttpResponse } from '../../support/http.ts';
import { makePerson } from '../../support/person.ts';
import { basic } from '../../support/relying-party.ts';
import { type Account, type App, addAccount, callback, registerApp, registerService } from './app.ts';

const deviceCode = 'urn:ietf:params:oauth:grant-type:device_code';
const formType = 'application/x-www-form-urlencoded';

let server: RunningGatehouse;
let app: App;
let service: App;
let tv: App;
let who: Account;
beforeAll(async () => {
  server = await startGatehouse({ database: 'postgres' });
  const own = { skip_consent: true };
  app = await registerApp(server, { ...own, client_id: 'app' });
  service = await registerService(server, { client_id: 'service', scope: 'users:read' });
  tv = await registerApp(server, { ...own, client_id: 'tv', grant_types: [deviceCode], redirect_uris: [] });
  who = await addAccount(server, 'person@example.org');
});
afterAll(() => server.dispose());

type Parameters = Record<string, string> | [string, string][];

const encode = (parameters: Parameters): string => new URLSearchParams(parameters).toString();

const authorizationOf = ({ registration: { clientId, clientSecret = '' } }: App) =>
  basic(clientId, clientSecret);

const post = (endpoint: string, body: string, headers: Record<string, string> = {}): Promise<HttpResponse> =>
  exchange(`${server.issuer}/oauth2/${endpoint}`, {
    method: 'POST',
    headers: { 'content-type': formType, accept: '*/*', ...headers },
    body,
  });

/** RFC 6749 5.2: JSON with the error, and nothing that anybody keeps. */
function expectError(answer: HttpResponse, status: number, error: string): void {
  expect({ status: answer.status, body: JSON.parse(answer.text) }).toMatchObject({ status, body: { error } });
  expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
  expect(answer.headers['cache-control']).toBe('no-store');
  expect(answer.text).not.toMatch(/ at |node_modules|\.ts:/);
}

describe('the authorization endpoint', () => {
  const authorize = async (
    changes: Record<string, string | undefined>,
    twice: [string, string][] = [],
    method = 'GET',
  ) => {
    const { url } = app.begin();
    for (const [name, value] of Object.entries(changes)) {
      if (value === undefined) url.searchParams.delete(name);
      else url.searchParams.set(name, value);
    }
    for (const [name, value] of twice) url.searchParams.append(name, value);
    const headers = { accept: 'text/html' };
    if (method === 'GET') return exchange(url, { headers });
    const posted = await exchange(url.origin + url.pathname, {
      method,
      headers: { ...headers, 'content-type': formType },
      body: url.searchParams.toString(),
    });
    // A posted request is led to the same one by GET, with which cookies come along.
    expect(posted).toMatchObject({ status: 303, headers: { 'cache-control': 'no-store' } });
    const next = new URL(posted.headers.location ?? '', url);
    expect(next.origin + next.pathname).toBe(url.origin + url.pathname);
    return exchange(next, { headers });
  };

  it.each<[string, Record<string, string | undefined>, [string, string][]]>([
    ['no client_id', { client_id: undefined }, []],
    ['an empty client_id', { client_id: '' }, []],
    ['a client_id that there is not', { client_id: 'nobody' }, []],
    ['a client_id that no database could hold', { client_id: 'a'.repeat(4000) }, []],
    ['client_id twice', {}, [['client_id', 'app']]],
    ['no redirect_uri', { redirect_uri: undefined }, []],
    ['an empty redirect_uri', { redirect_uri: '' }, []],
    ['a redirect_uri that is not registered', { redirect_uri: 'https://evil.example/' }, []],
    ['redirect_uri twice', {}, [['redirect_uri', callback]]],
    ['redirect_uri twice, once bad', {}, [['redirect_uri', 'https://evil.example/']]],
    ['everything wrong', { redirect_uri: 'https://evil.example/', response_type: 'x', scope: '"' }, []],
    ['another client', { client_id: 'service' }, []],
  ])('shows a page and sends nobody anywhere for %s, by GET and POST', async (_, changes, twice) => {
    for (const method of ['GET', 'POST']) {
      const answer = await authorize(changes, twice, method);
      expect(answer.status).toBe(400);
      expect(answer.headers).not.toHaveProperty('location');
      expect(answer.headers).toMatchObject({
        'cache-control': 'no-store',
        'content-type': 'text/html; charset=utf-8',
      });
      expect(answer.text).not.toMatch(/http-equiv="refresh"|<form|evil\.example/);
      expect(answer.setCookies).toEqual([]);
    }
  });

  it.each<[string, Record<string, string | undefined>, [string, string][], string]>([
    ['no response_type', { response_type: undefined }, [], 'invalid_request'],
    ['response_type twice', {}, [['response_type', 'code']], 'invalid_request'],
    ['an unknown response_type', { response_type: 'magic' }, [], 'unsupported_response_type'],
    ['an unknown response_mode', { response_mode: 'carrier_pigeon' }, [], 'unsupported_response_mode'],
    ['state twice', {}, [['state', 'x']], 'invalid_request'],
    ['scope twice', {}, [['scope', 'openid']], 'invalid_request'],
    ['a scope with forbidden characters', { scope: 'openid \u00e9' }, [], 'invalid_scope'],
    ['nonce twice', {}, [['nonce', 'x']], 'invalid_request'],
    ['an unknown prompt', { prompt: 'dance' }, [], 'invalid_request'],
    ['none beside another prompt', { prompt: 'none consent' }, [], 'invalid_request'],
    ['a max_age below zero', { max_age: '-1' }, [], 'invalid_request'],
    ['a max_age that is no number', { max_age: 'soon' }, [], 'invalid_request'],
    ['an id_token_hint that is none', { id_token_hint: 'x' }, [], 'invalid_request'],
    ['claims that are no JSON', { claims: '{' }, [], 'invalid_request'],
    ['claims that are a list', { claims: '[]' }, [], 'invalid_request'],
    ['claims for nobody', { claims: '{"id_token":5}' }, [], 'invalid_request'],
    ['an unknown resource', { resource: 'https://nobody.example' }, [], 'invalid_target'],
    ['a resource that is no address', { resource: 'x' }, [], 'invalid_target'],
    ['a request object', { request: 'eyJhbGciOiJub25lIn0.e30.' }, [], 'request_not_supported'],
    [
      'a request_uri of a stranger',
      { request_uri: 'https://evil.example/r' },
      [],
      'request_uri_not_supported',
    ],
    ['registration in the request', { registration: '{}' }, [], 'registration_not_supported'],
    ['no code_challenge', { code_challenge: undefined }, [], 'invalid_request'],
    ['the plain code_challenge_method', { code_challenge_method: 'plain' }, [], 'invalid_request'],
  ])('tells the app of %s, by the error of the specification', async (_, changes, twice, error) => {
    for (const method of ['GET', 'POST']) {
      const answer = await authorize(changes, twice, method);
      expect(answer).toMatchObject({ status: 303, headers: { 'cache-control': 'no-store' } });
      const { origin, pathname, searchParams, hash } = new URL(answer.headers.location ?? '');
      expect(origin + pathname).toBe(callback);
      const said = Object.fromEntries(hash === '' ? searchParams : new URLSearchParams(hash.slice(1)));
      expect(said).toMatchObject({ error, iss: server.issuer });
      expect(said).not.toHaveProperty('code');
    }
  });

  it('does not let a client be asked for a code that is not registered for one', async () => {
    const page = await authorize({ client_id: 'tv' });
    expect(page.status).toBe(400);
    expect(page.headers).not.toHaveProperty('location');
  });
});

describe('the token endpoint', () => {
  const code = {
    grant_type: 'authorization_code',
    code: 'x',
    redirect_uri: callback,
    code_verifier: 'x'.repeat(43),
  };

  it.each<[string, Parameters, string]>([
    ['nothing at all', {}, 'invalid_request'],
    ['an empty grant_type', { grant_type: '' }, 'invalid_request'],
    ['an unknown grant_type', { grant_type: 'magic' }, 'unsupported_grant_type'],
    [
      'a grant_type that it is not registered for',
      { grant_type: 'client_credentials' },
      'unauthorized_client',
    ],
    [
      'grant_type twice',
      [
        ['grant_type', 'refresh_token'],
        ['grant_type', 'refresh_token'],
      ],
      'invalid_request',
    ],
    ['no code', { ...code, code: '' }, 'invalid_request'],
    ['a code that there is not', code, 'invalid_grant'],
    ['a code with a NUL', { ...code, code: 'x\0' }, 'invalid_grant'],
    ['a code of a page', { ...code, code: '<script>' }, 'invalid_grant'],
    ['code twice', [...Object.entries(code), ['code', 'y']], 'invalid_request'],
    ['no redirect_uri', { ...code, redirect_uri: '' }, 'invalid_request'],
    ['redirect_uri twice', [...Object.entries(code), ['redirect_uri', callback]], 'invalid_request'],
    ['code_verifier twice', [...Object.entries(code), ['code_verifier', 'x']], 'invalid_request'],
    ['no refresh_token', { grant_type: 'refresh_token' }, 'invalid_request'],
    [
      'a refresh_token that there is not',
      { grant_type: 'refresh_token', refresh_token: 'x' },
      'invalid_grant',
    ],
    [
      'a scope with forbidden characters',
      { grant_type: 'refresh_token', refresh_token: 'x', scope: '"' },
      'invalid_scope',
    ],
  ])('tells an app of %s', async (_, parameters, error) => {
    expectError(await post('token', encode(parameters), { authorization: authorizationOf(app) }), 400, error);
  });

  it.each<[string, Parameters, string]>([
    ['no device_code', { grant_type: deviceCode }, 'invalid_request'],
    ['a device_code that there is not', { grant_type: deviceCode, device_code: 'x' }, 'invalid_grant'],
    [
      'device_code twice',
      [
        ['grant_type', deviceCode],
        ['device_code', 'x'],
        ['device_code', 'x'],
      ],
      'invalid_request',
    ],
  ])('tells a device of %s', async (_, parameters, error) => {
    expectError(await post('token', encode(parameters), { authorization: authorizationOf(tv) }), 400, error);
  });

  it.each<[string, Record<string, string>]>([
    ['one that there is not', { resource: 'https://nobody.example' }],
    ['one that is no address', { resource: '/api/admin' }],
    ['one with a fragment', { resource: 'https://a.example/#b' }],
  ])('tells a service of a wrong resource: %s', async (_, parameters) => {
    const body = encode({ grant_type: 'client_credentials', ...parameters });
    expectError(
      await post('token', body, { authorization: authorizationOf(service) }),
      400,
      'invalid_target',
    );
  });
});

describe('a client that does not prove itself', () => {
  const endpoints: [string, string][] = [
    ['token', 'grant_type=authorization_code&code=x&redirect_uri=x'],
    ['introspect', 'token=x'],
    ['revoke', 'token=x'],
    ['par', `response_type=code&redirect_uri=${encodeURIComponent(callback)}`],
    ['device_authorization', 'scope=openid'],
  ];

  it.each(endpoints)(
    'is refused at %s by invalid_client or invalid_request, and is told how to',
    async (endpoint, body) => {
      const wrong = basic('app', 'wrong');
      const byHeader = await post(endpoint, body, { authorization: wrong });
      expectError(byHeader, 401, 'invalid_client');
      expect(byHeader.headers['www-authenticate']).toMatch(/^Basic realm=/);
      expectError(await post(endpoint, body, { authorization: basic('nobody', 'x') }), 401, 'invalid_client');
      expectError(await post(endpoint, `${body}&client_id=app&client_secret=wrong`), 401, 'invalid_client');
      expectError(await post(endpoint, `${body}&client_id=app`), 401, 'invalid_client');
      expectError(await post(endpoint, `${body}&client_id=nobody`), 401, 'invalid_client');
      expectError(await post(endpoint, body), 400, 'invalid_request');
      const both = { authorization: authorizationOf(app) };
      expectError(
        await post(endpoint, `${body}&client_id=app&client_secret=x`, both),
        400,
        'invalid_request',
      );
      expectError(await post(endpoint, `${body}&client_id=other`, both), 400, 'invalid_request');
      expectError(await post(endpoint, `${body}&client_id=app&client_id=app`), 400, 'invalid_request');
    },
  );

  it.each([
    'Basic',
    'Basic ',
    'Basic !!!',
    'Basic YXBw',
    `Basic ${btoa('app:')}`,
    `Basic ${btoa(':x')}`,
    `Basic ${btoa('%zz:%zz')}`,
    `Basic ${btoa('app\0:x\0')}`,
    'Bearer x',
    'Negotiate x',
    'x'.repeat(5000),
  ])('is refused for the header %s', async (authorization) => {
    const answer = await post('token', 'grant_type=refresh_token&refresh_token=x', { authorization });
    expect([400, 401]).toContain(answer.status);
    expect(JSON.parse(answer.text).error).toMatch(/^invalid_(?:client|request)$/);
    expect(answer.headers['cache-control']).toBe('no-store');
  });

  it('does not use up the code that it has', async () => {
    const attempt = app.begin();
    const person = makePerson(server.issuer);
    await person.visit(attempt.url);
    const left = await person.signIn(who);
    const redemption = encode({
      grant_type: 'authorization_code',
      code: left.url.searchParams.get('code') ?? '',
      redirect_uri: callback,
      code_verifier: attempt.verifier,
    });
    expectError(
      await post('token', redemption, { authorization: basic('app', 'wrong') }),
      401,
      'invalid_client',
    );
    await expect(app.redeem(attempt, left)).resolves.toMatchObject({ status: 200 });
  });
});

describe('the other endpoints', () => {
  it.each(['introspect', 'revoke'])('%s wants one token', async (endpoint) => {
    const headers = { authorization: authorizationOf(app) };
    expectError(await post(endpoint, '', headers), 400, 'invalid_request');
    expectError(await post(endpoint, 'token=', headers), 400, 'invalid_request');
    expectError(await post(endpoint, 'token=a&token=b', headers), 400, 'invalid_request');
  });

  it('userinfo wants one good token, and says how', async () => {
    const ask = (headers: Record<string, string>, query = '') =>
      exchange(`${server.issuer}/oauth2/userinfo${query}`, { headers: { accept: '*/*', ...headers } });
    for (const authorization of ['Bearer nothing', `Bearer ${'a'.repeat(5000)}`]) {
      const answer = await ask({ authorization });
      expectError(answer, 401, 'invalid_token');
      expect(answer.headers['www-authenticate']).toMatch(/^Bearer realm=.*error="invalid_token"/);
    }
    for (const authorization of ['Bearer', 'Bearer  ', 'Basic eDp4', 'Bearer a b', 'Token x']) {
      const answer = await ask({ authorization });
      expect([400, 401]).toContain(answer.status);
      expect(JSON.parse(answer.text).error).toMatch(/^invalid_(?:token|request)$/);
    }
    const twice = await ask({ authorization: 'Bearer x' }, '?access_token=x');
    expectError(twice, 400, 'invalid_request');
    expect((await ask({})).headers['www-authenticate']).toMatch(/^Bearer /);
  });

  it('device_authorization is for clients that are registered for it', async () => {
    const headers = { authorization: authorizationOf(app) };
    expectError(await post('device_authorization', 'scope=openid', headers), 400, 'unauthorized_client');
    const ofTv = { authorization: authorizationOf(tv) };
    expectError(await post('device_authorization', 'scope=%22', ofTv), 400, 'invalid_scope');
    expectError(await post('device_authorization', 'scope=a&scope=b', ofTv), 400, 'invalid_request');
  });
});
