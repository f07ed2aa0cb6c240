import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type App,
  addAccount,
  asksFor,
  registerApp,
  sentBack,
  signInAndAllow,
} from '../flows/protocol/app.ts';
import type { HttpRequest } from '../support/http.ts';
import { makePerson } from '../support/person.ts';
import { basic } from '../support/relying-party.ts';
import { waitFor } from '../support/wait-for.ts';
import { type Attacked, startAttacked } from './fixture.ts';

const form = { 'content-type': 'application/x-www-form-urlencoded' };

/** What would begin a line of its own, colour a terminal, or end a string of JSON. */
const injections = [
  '\r\n{"time":"2020-01-01T00:00:00.000Z","level":"error","message":"forged"}',
  '\n12:00:00.000 ERROR forged',
  '\u001b[31mforged\u001b[0m\u001b]0;forged\u0007',
  '\u2028{"message":"forged"}\u2029',
  '","message":"forged","x":"',
  '\u0085forged\u009b31m',
  '\u202eforged\u202c',
];

describe('attacks on the log', () => {
  let attacked: Attacked;
  beforeAll(async () => {
    attacked = await startAttacked({
      second: { GATEHOUSE_LOG_FORMAT: 'text', GATEHOUSE_LOG_LEVEL: 'debug' },
    });
  });
  afterAll(() => attacked.dispose());

  const both = async (path: string, request: HttpRequest) => {
    for (const process of [0, 1] as const) {
      const { status } = await attacked.send(path, { ...request, process });
      expect(status).toBeLessThan(500);
    }
  };

  const ask = (path: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
    both(path, {
      method: 'POST',
      headers: { ...form, ...headers },
      body: new URLSearchParams(fields).toString(),
    });

  const get = (path: string, query: Record<string, string>, headers: Record<string, string> = {}) =>
    both(`${path}?${new URLSearchParams(query).toString()}`, { headers });

  /** All that was said up to now: a line about a request may come after its answer. */
  async function everythingSaid(): Promise<string> {
    const mark = '/oauth2/last-of-all';
    for (const process of [0, 1] as const) await attacked.send(mark, { process });
    await waitFor('both logs told of the last request', () =>
      attacked.servers.every((server) => server.output().includes('last-of-all')),
    );
    return attacked.output();
  }

  it('J04 what is secret, or a person has typed, is in no log: neither of requests that succeed', async () => {
    const [server] = attacked.servers;
    const secrets: string[] = [];
    const app = await registerApp(server, {});
    const who = await addAccount(server, 'private.name@example.org');
    const person = makePerson(attacked.issuer);
    const first = await signInAndAllow(app, person, who, { scope: 'openid profile email' });
    const attempt = app.begin();
    const { code = '' } = sentBack(await person.visit(attempt.url));
    const { body } = await app.post('token', {
      grant_type: 'authorization_code',
      code,
      code_verifier: attempt.verifier,
      redirect_uri: app.registration.redirectUri,
    });
    const refreshed = await app.refresh(String(body.refresh_token));
    await app.post('introspect', { token: String(refreshed.body.access_token) });
    await app.userinfo(String(refreshed.body.access_token));
    await app.post('revoke', { token: String(refreshed.body.refresh_token) });
    await app.refresh(String(body.refresh_token));
    const pushed = await app.post('par', Object.fromEntries(app.begin().url.searchParams));
    for (const tokens of [first.body, body, refreshed.body])
      secrets.push(...[tokens.access_token, tokens.id_token, tokens.refresh_token].map(String));
    secrets.push(code, attempt.verifier, attempt.state, attempt.nonce, String(pushed.body.request_uri));
    secrets.push(...person.jar.all().map(({ value }) => value));
    secrets.push(who.username, who.password, server.bootstrap.password, server.bootstrap.clientSecret);
    secrets.push(app.registration.clientSecret ?? '', await server.adminToken());
    const said = await everythingSaid();
    for (const secret of secrets) {
      expect(secret.length).toBeGreaterThan(8);
      expect(said).not.toContain(secret);
    }
  });

  it('J04 what is secret, or a person has typed, is in no log: nor of requests that are refused', async () => {
    const canary = `canary${randomBytes(9).toString('hex')}`;
    const jwt = `${Buffer.from(`{"alg":"${canary}"`).toString('base64url')}.${canary}.${canary}`;
    const { c1, c2 } = attacked.apps;
    const { clientId } = c2.registration;
    const authorization = basic(clientId, c2.registration.clientSecret ?? '');
    const noJwt = `${Buffer.from(canary).toString('base64url')}.${Buffer.from(canary).toString('base64url')}.x`;
    for (const value of [canary, `ey${canary}.${canary}.${canary}`, jwt, noJwt, `${canary}@example.org`]) {
      await ask('/oauth2/token', { grant_type: value }, { authorization });
      await ask(
        '/oauth2/token',
        { grant_type: 'authorization_code', code: value, redirect_uri: value },
        { authorization },
      );
      await ask('/oauth2/token', { grant_type: 'refresh_token', refresh_token: value }, { authorization });
      await ask('/oauth2/token', { grant_type: 'client_credentials', resource: value }, { authorization });
      await ask('/oauth2/token', { client_id: clientId, client_secret: value, grant_type: 'refresh_token' });
      await ask('/oauth2/token', { grant_type: 'refresh_token' }, { authorization: basic(clientId, value) });
      await ask('/oauth2/token', { grant_type: 'refresh_token' }, { authorization: `Bearer ${value}` });
      await ask('/oauth2/token', {
        client_assertion: value,
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      });
      await ask('/oauth2/token', { grant_type: 'refresh_token' }, { authorization, dpop: value });
      for (const endpoint of ['introspect', 'revoke'])
        await ask(`/oauth2/${endpoint}`, { token: value }, { authorization });
      await ask('/oauth2/par', { request: value }, { authorization });
      await get('/oauth2/userinfo', { access_token: value });
      await get('/oauth2/userinfo', {}, { authorization: `Bearer ${value}` });
      await get('/oauth2/userinfo', {}, { authorization: `DPoP ${value}`, dpop: value });
      await get('/api/admin/v1/users', { search: value }, { authorization: `Bearer ${value}` });
      for (const name of [
        'state',
        'nonce',
        'login_hint',
        'id_token_hint',
        'request',
        'request_uri',
        'claims',
      ])
        await both(c1.begin({ [name]: value }).url.pathname + c1.begin({ [name]: value }).url.search, {});
      await get('/oauth2/logout', { id_token_hint: value, state: value, logout_hint: value });
      await get('/device', { user_code: value });
      await ask('/device', { user_code: value, xsrf: value });
      await ask('/oauth2/logout/confirm', { logout: value, xsrf: value });
      await get('/first-admin', { token: value });
      await ask('/first-admin', { token: value, email: value, password: value, csrf: value });
      await get('/account', { code: value, state: value, error: value });
      for (const name of ['session', 'session.sig', 'interaction', 'resume', 'csrf'])
        await get('/oauth2/logout', {}, { cookie: `gatehouse_${name}=${value}` });
      await get(`/interaction/${value}`, {});
      await ask(`/interaction/${value}/login`, { username: value, password: value, csrf: value });
      await get(`/oauth2/authorize/${value}`, {});
      await get(`/device/${value}`, {});
      await get(`/${value}`, {});
      await get(`/oauth2/${value}`, {});
      await both('/oauth2/token', { method: 'POST', headers: { 'content-type': value }, body: value });
      await both('/api/admin/v1/users', {
        method: 'POST',
        headers: {
          authorization: `Bearer ${await attacked.servers[0].adminToken()}`,
          'content-type': 'application/json',
        },
        body: JSON.stringify({ password: value, email: value, [value]: value }),
      });
      for (const name of ['x-request-id', 'referer', 'user-agent', 'accept-language', 'x-forwarded-for'])
        await get('/account', {}, { [name]: value });
    }
    const person = makePerson(attacked.issuer);
    await person.visit(c1.begin().url);
    for (const username of [canary, attacked.people.user.username, attacked.people.disabled.username])
      expect(asksFor(await person.signIn({ username, password: canary }), 'password')).toBe(true);
    const said = await everythingSaid();
    const telling = said.split('\n').filter((line) => line.includes(canary));
    expect(telling).toEqual([]);
    expect(JSON.stringify(await attacked.database.auditAfter('0'))).not.toContain(canary);
  });

  it('J04 nothing that is sent begins a line, colours a terminal or ends a string in the log', async () => {
    const { c1, c2 } = attacked.apps;
    const authorization = (app: App) => basic(app.registration.clientId, app.registration.clientSecret ?? '');
    const person = makePerson(attacked.issuer);
    await person.visit(c1.begin().url);
    for (const injection of injections) {
      await person.signIn({ username: injection, password: injection });
      const encoded = encodeURIComponent(injection);
      await get(`/${encoded}`, { [injection]: injection });
      await both(`/oauth2/${encoded}`, { method: 'POST' });
      await ask('/oauth2/token', { grant_type: injection, client_id: injection });
      await ask(
        '/oauth2/token',
        { grant_type: 'authorization_code', code: injection },
        { authorization: authorization(c2) },
      );
      await ask('/oauth2/token', { [injection]: injection }, { authorization: basic(injection, injection) });
      const { url } = c1.begin({ client_id: injection, scope: injection, redirect_uri: injection });
      await both(url.pathname + url.search, { headers: { accept: 'text/html' } });
      await both('/api/admin/v1/users', {
        method: 'POST',
        headers: {
          authorization: `Bearer ${await attacked.servers[0].adminToken()}`,
          'content-type': 'application/json',
        },
        body: JSON.stringify({ [injection]: injection, roles: [injection] }),
      });
      // A header can carry no more of it than this.
      const header = injection.replaceAll(/\p{Cc}|[^\u0020-\u00ff]/gu, ' ');
      await get('/account', {}, { 'user-agent': header, 'x-request-id': header, referer: header });
      await ask('/oauth2/token', {}, { origin: header, 'content-type': `text/${header}` });
    }
    await everythingSaid();
    const [json, text] = attacked.servers;
    for (const output of [json.output(), text.output()])
      expect(output.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e]/u);
    const entries = json
      .output()
      .split('\n')
      .filter((line) => line.startsWith('{'));
    expect(entries.length).toBeGreaterThan(50);
    for (const line of entries)
      expect(JSON.parse(line)).toMatchObject({ message: expect.not.stringMatching(/^forged/) });
    for (const line of text.output().split('\n'))
      expect(line).not.toMatch(/^(?:\d\d:\d\d:\d\d\S* )?\w* ?forged/);
    expect(json.output()).not.toMatch(/^\S*forged/m);
  });
});
