import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { exchange } from '../support/http.ts';
import { type AdminServer, claimsIn, personTokens, serviceToken, startAdminServer } from './admin-fixture.ts';

let server: AdminServer;
beforeAll(async () => {
  server = await startAdminServer();
});
afterAll(() => server.dispose());

const call = (method: string, path: string, headers: Record<string, string> = {}) =>
  fetch(`${server.issuer}/api/admin${path}`, { method, headers, redirect: 'manual' });

const withToken = (token: string) => ({ authorization: `Bearer ${token}` });

/** Every operation of the description, with ids that there are not. */
async function operations(): Promise<{ method: string; path: string; scope: string }[]> {
  const document: {
    paths: Record<string, Record<string, { security: { gatehouse: string[] }[] }>>;
  } = JSON.parse(await (await call('GET', '/v1/openapi.json')).text());
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { security }]) => ({
      method: method.toUpperCase(),
      path: `/v1${path.replace('{id}', 'nobody')}`,
      scope: security[0]?.gatehouse[0] ?? '',
    })),
  );
}

async function expectUnauthenticated(answer: Response, reason: string): Promise<void> {
  expect(answer.status).toBe(401);
  expect(answer.headers.get('cache-control')).toBe('no-store');
  const dpop = 'DPoP algs="ES256 EdDSA Ed25519 PS256"';
  const realm = `Bearer realm="${server.issuer}/api/admin"`;
  expect(answer.headers.get('www-authenticate')).toBe(
    reason === 'no_token' ? `${realm}, ${dpop}` : `${realm}, error="invalid_token", ${dpop}`,
  );
  await expect(answer.json()).resolves.toMatchObject({ code: 'unauthenticated', status: 401 });
  await expect(server.auditOf(answer.headers)).resolves.toMatchObject([
    { type: 'admin.refused', data: { reason } },
  ]);
}

describe('I03: every route of the admin API', () => {
  it('answers 401 to who has no token, and writes one audit row', async () => {
    const all = await operations();
    expect(all.length).toBeGreaterThan(10);
    for (const { method, path } of all) await expectUnauthenticated(await call(method, path), 'no_token');
  });

  it('answers the same for what does not exist, whatever the method', async () => {
    for (const path of [
      '',
      '/',
      '/v1/nothing',
      '/v1/clients/',
      '/v1/Clients',
      '/v2/clients',
      '/v1/clients/a/b',
      '/v1/%zz',
      '/v1/..%2fx',
    ]) {
      for (const method of ['GET', 'POST', 'DELETE', 'OPTIONS', 'PROPFIND']) {
        await expectUnauthenticated(await call(method, path), 'no_token');
      }
    }
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
      await expectUnauthenticated(await call(method, '/v1/openapi.json'), 'no_token');
    }
  });

  it('answers 403 to a token that has every scope but the one that is needed, and says which', async () => {
    const every = ['clients', 'users', 'roles', 'sessions', 'keys', 'config'].flatMap((name) => [
      `${name}:read`,
      `${name}:write`,
    ]);
    for (const { method, path, scope } of await operations()) {
      const area = scope.replace(/:.*/, '');
      const others = every.filter(
        (name) => name !== scope && !(scope.endsWith(':read') && name === `${area}:write`),
      );
      const token = await serviceToken(server, {
        scope: others.join(' '),
        resource: `${server.issuer}/api/admin`,
      });
      const answer = await call(method, path, withToken(token));
      expect(answer.status).toBe(403);
      expect(answer.headers.get('www-authenticate')).toBe(
        `Bearer realm="${server.issuer}/api/admin", error="insufficient_scope", scope="${scope}"`,
      );
      await expect(answer.json()).resolves.toMatchObject({ code: 'insufficient_scope' });
      await expect(server.auditOf(answer.headers)).resolves.toMatchObject([
        {
          type: 'admin.refused',
          actor_kind: 'client',
          data: {
            reason: 'insufficient_scope',
            route: `${method} /api/admin${path.replace('nobody', '{id}')}`,
          },
        },
      ]);
    }
  });

  it('tells 404 and 405 apart only for who may know', async () => {
    const headers = withToken(await server.adminToken());
    const unknown = await call('GET', '/v1/nothing', headers);
    expect(unknown.status).toBe(404);
    await expect(unknown.json()).resolves.toMatchObject({ code: 'not_found' });
    const method = await call('PUT', '/v1/clients', headers);
    expect([method.status, method.headers.get('allow')]).toEqual([405, 'GET, POST']);
    await expect(server.auditOf(method.headers)).resolves.toMatchObject([
      { type: 'admin.refused', actor_id: 'test-operator', data: { reason: 'method_not_allowed' } },
    ]);
  });

  it('lets a write scope read', async () => {
    const token = await server.adminToken(['users:write']);
    expect((await call('GET', '/v1/users', withToken(token))).status).toBe(200);
    expect((await call('GET', '/v1/clients', withToken(token))).status).toBe(403);
  });
});

describe('B14: other tokens than access tokens for this API', () => {
  it('an ID token, a token for userinfo, and a refresh token are not valid here', async () => {
    const { access, id, refresh } = await personTokens(server);
    for (const token of [access, id, refresh]) {
      await expectUnauthenticated(await call('GET', '/v1/users', withToken(token)), 'invalid_token');
    }
  });

  it('a token for another audience is not valid here, and the audit log knows whose it was', async () => {
    const { access } = await personTokens(server, `${server.issuer}/api/account`);
    const answer = await call('GET', '/v1/users', withToken(access));
    await expectUnauthenticated(answer, 'wrong_audience');
    const [row] = await server.auditOf(answer.headers);
    expect(row).toMatchObject({ actor_kind: 'account', ip: expect.stringMatching(/127\.0\.0\.1|::1/) });
  });

  it('a token of a service without any resource is not valid here', async () => {
    const token = await serviceToken(server, { scope: 'users:read' });
    await expectUnauthenticated(await call('GET', '/v1/users', withToken(token)), 'invalid_token');
  });

  it("an administrator's own token for this API is", async () => {
    const { access, id } = await personTokens(server, `${server.issuer}/api/admin`);
    const answer = await call('GET', '/v1/users', withToken(access));
    expect(answer.status).toBe(200);
    const refused = await call('POST', '/v1/users', withToken(access));
    const { sub, aud } = claimsIn(id);
    await expect(server.auditOf(refused.headers)).resolves.toMatchObject([
      { type: 'admin.refused', actor_kind: 'account', actor_id: sub, actor_client_id: aud },
    ]);
  });

  it('nothing but the Authorization header counts, and in it only one whole Bearer token', async () => {
    const token = await server.adminToken();
    const [header = '', payload = '', signature = ''] = token.split('.');
    const unsigned = `${Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url')}.${payload}.`;
    for (const authorization of [
      `Basic ${btoa(`x:${token}`)}`,
      token,
      'Bearer',
      'Bearer ',
      `Bearer ${token} ${token}`,
      `Bearer ${token},x`,
      `Bearer "${token}"`,
      `Bearer ${header}.${payload}`,
      `Bearer ${header}.${payload}.${signature.slice(0, -2)}`,
      `Bearer ${header}.${payload}.${'A'.repeat(signature.length)}`,
      `Bearer ${unsigned}`,
      `Bearer ${'a.'.repeat(5000)}`,
    ]) {
      await expectUnauthenticated(await call('GET', '/v1/users', { authorization }), 'invalid_token');
    }
    await expectUnauthenticated(await call('GET', `/v1/users?access_token=${token}`), 'no_token');
    await expectUnauthenticated(
      await call('GET', '/v1/users', { cookie: `access_token=${token}` }),
      'no_token',
    );
    expect((await call('GET', '/v1/users', { authorization: `bEaReR  ${token}` })).status).toBe(200);
  });
});

describe('a token whose holder lost what it stands for', () => {
  const resource = (): string => `${server.issuer}/api/admin`;
  const statusWith = async (token: string) => (await call('GET', '/v1/users', withToken(token))).status;

  it('is refused once its scope was taken from the service, and once the service is gone', async () => {
    const token = await serviceToken(server, { scope: 'users:read clients:read', resource: resource() });
    expect(await statusWith(token)).toBe(200);
    const { client_id: id } = claimsIn(token);
    await server.admin('PATCH', `clients/${id}`, { scope: 'clients:read' });
    expect(await statusWith(token)).toBe(401);
    await server.admin('DELETE', `clients/${id}`);
    expect(await statusWith(token)).toBe(401);
  });

  it('is refused once the person is no administrator any more, or disabled', async () => {
    const { access, id } = await personTokens(server, resource());
    expect(await statusWith(access)).toBe(200);
    const { sub } = claimsIn(id);
    await server.admin('POST', 'users', { email: 'other-admin@example.org', roles: ['admin'] });
    await server.admin('PATCH', `users/${sub}`, { roles: [] });
    expect(await statusWith(access)).toBe(401);
    await server.admin('PATCH', `users/${sub}`, { roles: ['admin'], status: 'disabled' });
    expect(await statusWith(access)).toBe(401);
    await server.admin('PATCH', `users/${sub}`, { status: 'active' });
  });
});

describe('what is for all', () => {
  it('is the description of the API, and a page about it that needs no script', async () => {
    const document = await call('GET', '/v1/openapi.json');
    expect(document.status).toBe(200);
    expect(document.headers.get('content-type')).toMatch(/^application\/json/);
    const page = await exchange(`${server.issuer}/api/admin/v1/`);
    expect(page.status).toBe(200);
    expect(page.text).toContain('id="patchUser"');
    // Only the search is one, which is hidden without it.
    expect(page.text.match(/<script[^>]*>/g)).toHaveLength(1);
  });
});
