import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { OpenApiDocument, Operation } from '../../server/http/api/openapi.ts';
import { asPage } from '../interactions/house.ts';
import { type RunningGatehouse, startGatehouse } from '../support/gatehouse.ts';
import { makePerson } from '../support/person.ts';
import { type AccountTokens, type ApiAnswer, accountScope, callApi, signInForApi } from './people.ts';
import { type App, addAccount, registerApp, registerService, signInAndAllow } from './protocol/app.ts';

interface Route {
  name: string;
  method: string;
  path: string;
  operation: Operation;
}

/** The whole document, so that a route which is added later is walked too. */
describe('every route of the account API', () => {
  let server: RunningGatehouse;
  let own: App;
  let document: OpenApiDocument;
  let routes: Route[];
  let me: AccountTokens;
  beforeAll(async () => {
    server = await startGatehouse({ database: 'postgres' });
    own = await registerApp(server, { skip_consent: true, token_endpoint_auth_method: 'none' });
    document = JSON.parse(await (await fetch(`${server.issuer}/api/account/v1/openapi.json`)).text());
    routes = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.entries(operations).map(([method, operation]) => ({
        name: `${method.toUpperCase()} ${path}`,
        method: method.toUpperCase(),
        path: path.replaceAll(/\{\w+\}/g, 'a'.repeat(32)),
        operation,
      })),
    );
    me = await signInForApi(server, own, await addAccount(server, 'me@example.org'));
  }, 60_000);
  afterAll(() => server.dispose(), 60_000);

  /** What every route answers, by its name. */
  async function walk(ask: (route: Route) => Promise<unknown>): Promise<Record<string, unknown>> {
    const answers: Record<string, unknown> = {};
    for (const route of routes) answers[route.name] = await ask(route);
    return answers;
  }
  const everywhere = (answer: unknown) => Object.fromEntries(routes.map(({ name }) => [name, answer]));
  const told = ({ status, headers, body }: ApiAnswer) => ({
    status,
    code: body.code,
    challenge: headers.get('www-authenticate'),
  });
  const bodyOf = ({ operation }: Route) => (operation.requestBody === undefined ? undefined : {});
  const audience = () => `${server.issuer}/api/account`;

  it('is named by CONTRACT', () => {
    const names = routes.map(({ name }) => name);
    for (const name of [
      'GET /profile',
      'GET /sessions',
      'DELETE /sessions',
      'DELETE /sessions/{id}',
      'GET /grants',
      'DELETE /grants/{id}',
      'GET /activity',
    ])
      expect(names).toContain(name);
    for (const { operation } of routes) {
      const [scope = ''] = operation.security[0]?.gatehouse ?? [];
      expect(['account:read', 'account:write', 'account:security']).toContain(scope);
    }
  });

  it('I03 is 401 with a challenge and no reason for who has no token, and with one for who has a wrong one', async () => {
    const realm = `Bearer realm="${audience()}"`;
    const dpop = 'DPoP algs="ES256 EdDSA Ed25519 PS256"';
    expect(
      await walk(async (route) => told(await callApi(server, undefined, route.method, route.path))),
    ).toEqual(everywhere({ status: 401, code: 'unauthenticated', challenge: `${realm}, ${dpop}` }));
    const wrong = {
      status: 401,
      code: 'unauthenticated',
      challenge: `${realm}, error="invalid_token", ${dpop}`,
    };
    const { body: opaque } = await signInAndAllow(own, me.person, { sub: '', username: '', password: '' });
    const other = await server.adminToken();
    for (const token of ['x', String(opaque.access_token), String(opaque.id_token), other])
      expect(
        await walk(async (route) => told(await callApi(server, token, route.method, route.path))),
      ).toEqual(everywhere(wrong));
    const cookie = me.person.jar.header(new URL(server.issuer)) ?? '';
    expect(
      await walk(
        async ({ method, path }) =>
          (await callApi(server, undefined, method, path, undefined, { cookie })).status,
      ),
    ).toEqual(everywhere(401));
  });

  it('I03 is 403 without its scope, which the challenge names', async () => {
    const who = await addAccount(server, 'less@example.org');
    const nothing = await signInForApi(server, own, who, { scope: 'openid' });
    const expected = Object.fromEntries(
      routes.map(({ name, operation }) => [
        name,
        {
          status: 403,
          code: 'insufficient_scope',
          challenge: `Bearer realm="${audience()}", error="insufficient_scope", scope="${operation.security[0]?.gatehouse[0]}"`,
        },
      ]),
    );
    expect(
      await walk(async (route) =>
        told(await callApi(server, nothing.jwt, route.method, route.path, bodyOf(route))),
      ),
    ).toEqual(expected);
  });

  it('I03 is 401 or 403 for a service, which has no account', async () => {
    const service = await registerService(server, { scope: accountScope.replace('openid ', '') });
    const { body } = await service.post('token', {
      grant_type: 'client_credentials',
      resource: audience(),
      scope: accountScope.replace('openid ', ''),
    });
    const token = body.access_token === undefined ? 'none was given' : String(body.access_token);
    for (const status of Object.values(
      await walk(async ({ method, path }) => (await callApi(server, token, method, path)).status),
    ))
      expect([401, 403]).toContain(status);
  });

  it('I01 is 400 for a field or parameter that it does not know, and changes nothing', async () => {
    const foreign = [
      'roles',
      'scopes',
      'emailVerified',
      'email_verified',
      'sub',
      'passwordHash',
      'status',
      'x',
    ];
    const before = await callApi(server, me.jwt, 'GET', '/profile');
    for (const route of routes) {
      const answer = await callApi(server, me.jwt, route.method, `${route.path}?x=1`, bodyOf(route));
      // An id that no object can have is looked at before the query.
      expect(route.path.includes('aaa') ? [400, 404] : [400]).toContain(answer.status);
      if (route.operation.requestBody === undefined) continue;
      const [type = ''] = Object.keys(route.operation.requestBody.content);
      // A picture has no fields.
      if (!type.includes('json')) continue;
      for (const field of [...foreign, '__proto__', 'constructor']) {
        const body = JSON.parse(`{"${field}":"admin"}`);
        const sent = await callApi(server, me.jwt, route.method, route.path, body, { 'content-type': type });
        expect([route.name, field, sent.status]).toEqual([route.name, field, 400]);
      }
    }
    expect((await callApi(server, me.jwt, 'GET', '/profile')).body).toEqual(before.body);
  });

  it('is 404 for an id that is not the person’s, and says nothing of others', async () => {
    const other = await signInForApi(server, own, await addAccount(server, 'other@example.org'));
    const secret = 'other@example.org';
    for (const route of routes.filter(({ path }) => path.includes('aaa'))) {
      const answer = await callApi(server, me.jwt, route.method, route.path, bodyOf(route));
      expect([route.name, answer.status]).toEqual([route.name, 404]);
    }
    for (const { method, path } of routes.filter((route) => route.method === 'GET'))
      expect(JSON.stringify((await callApi(server, me.jwt, method, path)).body)).not.toContain(secret);
    expect(JSON.stringify((await callApi(server, other.jwt, 'GET', '/profile')).body)).toContain(secret);
  });

  it('C11 asks for a recent sign-in where it is sensitive; an app gets it by max_age and repeats', async () => {
    const sensitive = routes.filter(({ operation }) =>
      operation.responses[401]?.description.includes('insufficient_user_authentication'),
    );
    expect(sensitive.length).toBeGreaterThan(0);
    const who = await addAccount(server, 'long-ago@example.org');
    const old = await signInForApi(server, own, who);
    await waitUntilOld(old);
    for (const route of sensitive) {
      const answer = told(await callApi(server, old.jwt, route.method, route.path, bodyOf(route)));
      expect([route.name, answer]).toEqual([
        route.name,
        {
          status: 401,
          code: 'insufficient_user_authentication',
          challenge: `Bearer realm="${audience()}", error="insufficient_user_authentication", max_age="300"`,
        },
      ]);
    }
    const fresh = await signInForApi(server, own, who, { person: old.person, extra: { max_age: '300' } });
    for (const route of sensitive) {
      const { body } = await callApi(server, fresh.jwt, route.method, route.path, bodyOf(route));
      expect([route.name, body.code]).not.toEqual([route.name, 'insufficient_user_authentication']);
    }
  });

  /** Moves the sign-in of a session into the past, and takes a new token in it. */
  async function waitUntilOld(tokens: AccountTokens): Promise<void> {
    const { sub } = JSON.parse(Buffer.from(tokens.jwt.split('.')[1] ?? '', 'base64url').toString());
    await inDatabase(
      `update oidc_artifact set payload = payload || jsonb_build_object('loginTs', (payload->>'loginTs')::int - 400)
       where model = 'Session' and account_id = '${String(sub)}'`,
    );
    const again = await signInForApi(server, own, { sub: '', username: '', password: '' }, tokens);
    tokens.jwt = again.jwt;
  }

  async function inDatabase(sql: string): Promise<void> {
    if (server.database === 'embedded') throw new Error('not with the embedded database');
    const { query } = await import('../support/postgres-cluster.ts');
    await query(server.database.superuserUrl, sql);
  }

  it('D06 counts wrong passwords like a sign-in, and obeys the lock', async () => {
    const who = await addAccount(server, 'guessed@example.org');
    const thief = await signInForApi(server, own, who);
    const change = (password: string) =>
      callApi(server, thief.jwt, 'POST', '/password', {
        password,
        new_password: 'quite another pass phrase',
      });
    const wrong = [];
    for (let guess = 0; guess < 5; guess += 1) wrong.push((await change(`guess ${guess}`)).status);
    expect(wrong).not.toContain(204);
    const right = await change(who.password);
    expect([right.status, right.body.code]).toEqual([429, 'too_many_requests']);
    const stranger = makePerson(server.issuer);
    await stranger.visit(own.begin().url);
    expect(asPage(await stranger.signIn(who)).text).toContain('Wrong user name or password.');
  });

  it('is readable as a page, with every operation on it', async () => {
    const page = asPage(await makePerson(server.issuer).visit('/api/account/v1/'));
    for (const { name } of routes) expect(page.text).toContain(name);
  });

  it('may be used by scripts of origins that the app of the token has, and of no other', async () => {
    const origin = 'https://app.example';
    const ask = (path: string, headers: Record<string, string>, method = 'GET') =>
      fetch(`${server.issuer}/api/account/v1${path}`, { method, headers });
    const asked = await ask('/sessions', { origin, 'access-control-request-method': 'DELETE' }, 'OPTIONS');
    expect(asked.status).toBe(204);
    expect(asked.headers.get('access-control-allow-origin')).toBe(origin);
    expect(asked.headers.get('access-control-allow-methods')).toBe('GET, DELETE');
    expect(asked.headers.get('access-control-allow-credentials')).toBeNull();
    const authorization = `Bearer ${me.jwt}`;
    const good = await ask('/profile', { origin, authorization });
    expect([good.status, good.headers.get('access-control-allow-origin')]).toEqual([200, origin]);
    const foreign = await ask('/profile', { origin: 'https://evil.example', authorization });
    expect([foreign.status, foreign.headers.get('access-control-allow-origin')]).toEqual([403, null]);
    const ours = await ask('/profile', { origin: server.issuer, authorization });
    expect([ours.status, ours.headers.get('access-control-allow-origin')]).toEqual([200, null]);
    const expired = await ask('/profile', { origin, authorization: 'Bearer x' });
    expect(expired.headers.get('access-control-expose-headers')).toContain('www-authenticate');
  });
});
