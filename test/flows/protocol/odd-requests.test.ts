import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type RunningGatehouse, startGatehouse } from '../../support/gatehouse.ts';
import { exchange, type HttpRequest, type HttpResponse } from '../../support/http.ts';
import { makePerson } from '../../support/person.ts';
import { basic } from '../../support/relying-party.ts';
import { type Account, type App, addAccount, registerApp, sentBack, shown } from './app.ts';

const formType = 'application/x-www-form-urlencoded';

let server: RunningGatehouse;
let open: App;
let closed: App;
let who: Account;
beforeAll(async () => {
  server = await startGatehouse({ database: 'postgres' });
  open = await registerApp(server, { skip_consent: true, token_endpoint_auth_method: 'none' });
  closed = await registerApp(server, { skip_consent: true });
  who = await addAccount(server, 'person@example.org');
});
afterAll(() => server.dispose());

const send = (path: string, request: HttpRequest = {}): Promise<HttpResponse> =>
  exchange(server.issuer + path, request);

const authorization = () => basic(closed.registration.clientId, closed.registration.clientSecret ?? '');

const forPrograms = ['token', 'introspect', 'revoke', 'par', 'device_authorization'];

describe('a body that is not what it should be', () => {
  const post = (path: string, body: string | Buffer, contentType = formType) =>
    send(path, {
      method: 'POST',
      headers: { 'content-type': contentType, authorization: authorization(), accept: '*/*' },
      body,
    });

  it.each(forPrograms)('of a megabyte is refused at %s by invalid_request', async (endpoint) => {
    const answer = await post(`/oauth2/${endpoint}`, `token=${'a'.repeat(1_000_000)}`);
    expect(answer).toMatchObject({ status: 400, headers: { 'cache-control': 'no-store' } });
    expect(JSON.parse(answer.text)).toMatchObject({ error: 'invalid_request' });
  });

  it.each(['/oauth2/authorize', '/oauth2/logout', '/first-admin'])(
    'of a megabyte is refused at %s by 413',
    async (path) => {
      const answer = await post(path, `state=${'a'.repeat(1_000_000)}`);
      expect(answer).toMatchObject({ status: 413, headers: { 'cache-control': 'no-store' } });
    },
  );

  it.each(['/oauth2/logout/confirm', '/device'])(
    'of a megabyte is refused at %s as a form that is not ours',
    async (path) => {
      const answer = await send(path, {
        method: 'POST',
        headers: { 'content-type': formType, accept: 'text/html' },
        body: `xsrf=${'a'.repeat(1_000_000)}`,
      });
      expect(answer).toMatchObject({ status: 403, headers: { 'cache-control': 'no-store' } });
    },
  );

  it.each(forPrograms)('of an unknown type is refused at %s by invalid_request', async (endpoint) => {
    for (const type of [
      'application/json',
      'text/plain',
      'multipart/form-data; boundary=x',
      'image/png',
      'nonsense',
    ]) {
      const answer = await post(`/oauth2/${endpoint}`, '{"grant_type":"client_credentials"}', type);
      expect(answer).toMatchObject({ status: 400, headers: { 'cache-control': 'no-store' } });
      expect(JSON.parse(answer.text)).toMatchObject({ error: 'invalid_request' });
    }
  });

  it.each(['/oauth2/authorize', '/oauth2/logout'])(
    'of an unknown type is refused at %s by 415',
    async (path) => {
      for (const type of ['application/json', 'text/plain', 'multipart/form-data; boundary=x'])
        expect(await post(path, '{}', type)).toMatchObject({ status: 415 });
    },
  );

  it('with NUL characters is refused or means nothing, and fails nowhere', async () => {
    const names = [
      'code',
      'token',
      'refresh_token',
      'scope',
      'resource',
      'state',
      'nonce',
      'client_id',
      'user_code',
    ];
    for (const name of names) {
      const body = new URLSearchParams({
        grant_type: name === 'refresh_token' ? 'refresh_token' : 'authorization_code',
        redirect_uri: closed.registration.redirectUri,
        response_type: 'code',
        [name]: 'a\0b',
      }).toString();
      for (const path of [
        'oauth2/token',
        'oauth2/introspect',
        'oauth2/par',
        'oauth2/device_authorization',
        'device',
      ]) {
        const { status } = await post(`/${path}`, body);
        expect({ name, path, failed: status >= 500 }).toEqual({ name, path, failed: false });
      }
      const byGet = await send(`/oauth2/authorize?${body}`, { headers: { accept: 'text/html' } });
      expect(byGet).toMatchObject({ status: 400, headers: { 'cache-control': 'no-store' } });
    }
  });

  it('with a NUL in a request that was pushed is refused before anything is kept', async () => {
    const parameters = Object.fromEntries(closed.begin().url.searchParams);
    for (const name of ['state', 'nonce', 'login_hint', 'ui_locales']) {
      const pushed = await closed.post('par', { ...parameters, [name]: 'a\0b' });
      expect([201, 400]).toContain(pushed.status);
      if (pushed.status === 400) continue;
      const { clientId } = closed.registration;
      const query = new URLSearchParams({
        client_id: clientId,
        request_uri: String(pushed.body.request_uri),
      });
      const seen = await makePerson(server.issuer).visit(`/oauth2/authorize?${query.toString()}`);
      if (seen.kind === 'page') expect(seen.status).toBe(400);
      else expect(sentBack(seen)).toMatchObject({ error: 'invalid_request' });
    }
  });

  it.each([
    '/%00',
    '/account%00',
    '/interaction/%00',
    '/oauth2/authorize/%00',
    '/device/%00',
    '/api/admin/v1/users?search=%00',
  ])('is not even needed: the address %s is refused', async (path) => {
    expect(await send(path)).toMatchObject({ status: 400 });
  });
});

describe('an app that sends people by a form', () => {
  it('gets them back with a code, also when they are signed in already', async () => {
    const person = makePerson(server.issuer);
    await closed.signIn(person, who);
    const { url, state } = closed.begin();
    const body = url.searchParams.toString();
    const posted = await send('/oauth2/authorize', {
      method: 'POST',
      headers: { 'content-type': formType },
      body,
    });
    expect(posted.status).toBe(303);
    const back = sentBack(await person.visit(posted.headers.location ?? ''));
    expect(back).toMatchObject({ state, code: expect.any(String) });
  });

  it('can have them asked whether they want to sign out', async () => {
    const person = makePerson(server.issuer);
    const { body } = await closed.signIn(person, who);
    const hint = new URLSearchParams({ id_token_hint: String(body.id_token) }).toString();
    const posted = await send('/oauth2/logout', {
      method: 'POST',
      headers: { 'content-type': formType },
      body: hint,
    });
    const page = shown(await person.visit(posted.headers.location ?? ''));
    expect(page.text).toContain('asks whether you want to sign out here too');
  });
});

describe('a script on a page of another origin', () => {
  const origin = 'https://app.example';
  const redeem = (app: App, from: string) => {
    const { clientId, clientSecret } = app.registration;
    return send('/oauth2/token', {
      method: 'POST',
      headers: {
        'content-type': formType,
        origin: from,
        ...(clientSecret === undefined ? {} : { authorization: basic(clientId, clientSecret) }),
      },
      body: `grant_type=refresh_token&refresh_token=x&client_id=${clientId}`,
    });
  };

  it('may read answers for the public app that lives there', async () => {
    const answer = await redeem(open, origin);
    expect(JSON.parse(answer.text)).toMatchObject({ error: 'invalid_grant' });
    expect(answer.headers).toMatchObject({ 'access-control-allow-origin': origin });
    expect(answer.headers.vary).toContain('Origin');
    expect(answer.headers).not.toHaveProperty('access-control-allow-credentials');
    const { body } = await open.signIn(makePerson(server.issuer), who);
    const userinfo = await send('/oauth2/userinfo', {
      headers: { origin, authorization: `Bearer ${body.access_token}` },
    });
    expect(userinfo).toMatchObject({ status: 200, headers: { 'access-control-allow-origin': origin } });
  });

  it.each([
    'https://evil.example',
    'https://app.example.evil.example',
    'http://app.example',
    'https://app.example:8443',
    'null',
  ])('may read nothing when it is at %s', async (from) => {
    const answer = await redeem(open, from);
    expect(answer.status).toBe(400);
    expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
    const { body } = await open.signIn(makePerson(server.issuer), who);
    const userinfo = await send('/oauth2/userinfo', {
      headers: { origin: from, authorization: `Bearer ${body.access_token}` },
    });
    expect(userinfo.status).toBe(400);
    expect(userinfo.headers).not.toHaveProperty('access-control-allow-origin');
    expect(userinfo.text).not.toContain(who.sub);
  });

  it('may read nothing for an app that keeps a secret, unless its operator has named the origin', async () => {
    expect((await redeem(closed, origin)).headers).not.toHaveProperty('access-control-allow-origin');
    const named = await registerApp(server, { allowed_cors_origins: ['https://spa.example'] });
    expect((await redeem(named, 'https://spa.example')).headers).toMatchObject({
      'access-control-allow-origin': 'https://spa.example',
    });
    expect((await redeem(named, origin)).headers).not.toHaveProperty('access-control-allow-origin');
  });

  it('learns by a preflight what it may send', async () => {
    const answer = await send('/oauth2/token', {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,dpop',
      },
    });
    expect(answer).toMatchObject({
      status: 204,
      headers: {
        'access-control-allow-origin': origin,
        'access-control-allow-methods': 'POST',
        'access-control-allow-headers': 'authorization,dpop',
      },
    });
  });

  it('cannot read any page, or call what needs a session', async () => {
    for (const path of [
      '/account',
      '/oauth2/authorize',
      '/oauth2/logout',
      '/device',
      '/interaction/x',
      '/api/admin/v1/users',
    ]) {
      for (const method of ['GET', 'OPTIONS']) {
        const headers = { origin, 'access-control-request-method': 'POST' };
        const answer = await send(path, { method, headers });
        expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
      }
    }
  });
});

describe('a cookie of somebody else', () => {
  it('makes its bearer a stranger to whom the ordinary pages are shown', async () => {
    const person = makePerson(server.issuer);
    for (const name of ['gatehouse_session', 'gatehouse_session.sig', 'gatehouse_csrf'])
      person.jar.put({
        name,
        value: 'x'.repeat(43),
        host: 'localhost',
        path: '/',
        secure: false,
        httpOnly: true,
        sameSite: 'lax',
        expires: undefined,
      });
    const attempt = closed.begin();
    await person.visit(attempt.url);
    const { status } = await closed.redeem(attempt, await person.signIn(who));
    expect(status).toBe(200);
  });
});
