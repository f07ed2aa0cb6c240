import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type AdminServer, pagesOf, startAdminServer, textOf } from './admin-fixture.ts';

let server: AdminServer;
beforeAll(async () => {
  server = await startAdminServer();
});
afterAll(() => server.dispose());

const callback = ['https://app.example.com/callback'];
const aName = () => `name-${randomBytes(6).toString('hex')}`;

async function create(metadata: object = {}): Promise<{ client_id: string; client_secret: string }> {
  const { status, body } = await server.admin('POST', 'clients', { redirect_uris: callback, ...metadata });
  expect(status).toBe(201);
  return { client_id: textOf(body.client_id), client_secret: textOf(body.client_secret) };
}

const tokenWith = (clientId: string, secret: string) =>
  fetch(`${server.issuer}/oauth2/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${clientId}:${secret}`)}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  });

describe('creating a client', () => {
  it('answers 201 with the whole object, where it is, its version, and its secret', async () => {
    const answer = await server.admin('POST', 'clients', { redirect_uris: callback, client_name: 'An app' });
    expect(answer.status).toBe(201);
    expect(answer.headers.get('location')).toBe(
      `${server.issuer}/api/admin/v1/clients/${textOf(answer.body.client_id)}`,
    );
    expect(answer.headers.get('etag')).toBe('"v1"');
    expect(answer.body).toMatchObject({
      client_id: expect.stringMatching(/^[\w-]{22}$/),
      client_id_issued_at: expect.any(Number),
      client_secret: expect.stringMatching(/^[\w-]{43}$/),
      client_secret_expires_at: 0,
      built_in: false,
      client_name: 'An app',
      redirect_uris: callback,
      require_pkce: true,
    });
    await expect(server.auditOf(answer.headers)).resolves.toMatchObject([
      {
        type: 'client.created',
        actor_kind: 'client',
        actor_id: 'test-operator',
        client_id: answer.body.client_id,
      },
    ]);
  });

  it('I04: shows the secret then and never again, and stores only its hash', async () => {
    const made = await create();
    const secret = made.client_secret;
    const answers = [
      await server.admin('GET', `clients/${made.client_id}`),
      await server.admin('GET', 'clients?limit=100'),
      await server.admin('PATCH', `clients/${made.client_id}`, { client_name: aName() }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(JSON.stringify(answers.map(({ body }) => body))).not.toMatch(/"client_secret(?:_expires_at)?":/);
    expect(await server.dump()).not.toContain(secret);
    expect(server.output()).not.toContain(secret);
  });

  it('gives a service a secret that the token endpoint takes, and no other', async () => {
    const made = await create({ redirect_uris: [], grant_types: ['client_credentials'] });
    expect((await tokenWith(made.client_id, made.client_secret)).status).toBe(200);
    expect((await tokenWith(made.client_id, `${made.client_secret}x`)).status).toBe(401);
  });

  it('honours a client_id once', async () => {
    const clientId = aName();
    await create({ client_id: clientId });
    const before = await server.countRows();
    const again = await server.admin('POST', 'clients', { client_id: clientId, redirect_uris: callback });
    expect(again).toMatchObject({ status: 409, body: { code: 'client_id_taken' } });
    await expect(server.countRows()).resolves.toEqual(before);
  });
});

describe('reading clients', () => {
  it('answers 404 for ids that there are not, and for what is no id', async () => {
    for (const id of ['nobody', '%2e%2e%2fusers', "'%20or%201=1--", 'a'.repeat(500), '%F0%9F%98%80']) {
      await expect(server.admin('GET', `clients/${id}`)).resolves.toMatchObject({
        status: 404,
        body: { code: 'client_not_found' },
      });
    }
  });

  it('pages through all of them, each once, while others are made and deleted', async () => {
    const mark = aName();
    const made: string[] = [];
    for (let index = 0; index < 7; index += 1)
      made.push((await create({ client_name: `${mark} ${index}` })).client_id);
    const seen: unknown[] = [];
    for await (const page of pagesOf(server, 'clients', `limit=2&search=${mark.toUpperCase()}`)) {
      expect(page.length).toBeLessThanOrEqual(2);
      seen.push(...page.map(({ client_id }) => client_id));
      // The last one of this page is gone before the next page is asked for.
      if (seen.length === 4) await server.admin('DELETE', `clients/${made[3]}`);
    }
    expect(seen).toEqual(made);
  });

  it("contains the server's own", async () => {
    await expect(server.admin('GET', 'clients/gatehouse-account')).resolves.toMatchObject({
      status: 200,
      body: { built_in: true, token_endpoint_auth_method: 'none' },
    });
  });
});

describe('changing a client', () => {
  it('can be read, edited and sent back as it is', async () => {
    const { client_id: id } = await create({
      client_name: 'Before',
      logo_uri: 'https://app.example.com/logo.png',
    });
    const read = await server.admin('GET', `clients/${id}`);
    const { logo_uri: _gone, ...kept } = read.body;
    const etag = read.headers.get('etag') ?? '';
    const put = await server.admin(
      'PUT',
      `clients/${id}`,
      { ...kept, client_name: 'After' },
      { 'if-match': etag },
    );
    expect(put).toMatchObject({ status: 200, body: { client_name: 'After', client_id: id } });
    expect(put.body).not.toHaveProperty('logo_uri');
    expect(put.headers.get('etag')).toBe('"v2"');
    await expect(server.admin('GET', `clients/${id}`)).resolves.toMatchObject({ body: put.body });
    await expect(server.auditOf(put.headers)).resolves.toMatchObject([
      {
        type: 'client.updated',
        data: {
          change: { before: { client_name: 'Before' }, after: { client_name: 'After', logo_uri: null } },
        },
      },
    ]);
  });

  it.each(['application/json', 'application/merge-patch+json'])('is patched with %s', async (type) => {
    const { client_id: id } = await create({ client_name: 'Before', contacts: ['a@example.com'] });
    const patch = { client_name: 'After', contacts: null };
    const patched = await server.admin('PATCH', `clients/${id}`, patch, { 'content-type': type });
    expect(patched).toMatchObject({ status: 200, body: { client_name: 'After', redirect_uris: callback } });
    expect(patched.body).not.toHaveProperty('contacts');
  });

  it('I05: judges the merged whole by the rules of creation', async () => {
    const { client_id: id } = await create({ require_pkce: false });
    for (const [method, body, field] of [
      ['PATCH', { token_endpoint_auth_method: 'none' }, 'require_pkce'],
      ['PATCH', { redirect_uris: null }, 'redirect_uris'],
      ['PATCH', { redirect_uris: ['https://*.example.com/'] }, 'redirect_uris.0'],
      ['PATCH', { no_such_field: null }, 'no_such_field'],
      ['PATCH', { client_id: 'another' }, 'client_id'],
      ['PATCH', { built_in: true }, 'built_in'],
      ['PATCH', { client_secret: 'x' }, 'client_secret'],
      ['PUT', {}, 'redirect_uris'],
      ['PUT', { redirect_uris: callback, role: 'admin' }, 'role'],
      ['PUT', { redirect_uris: callback, client_id_issued_at: 1 }, 'client_id_issued_at'],
    ] as const) {
      const answer = await server.admin(method, `clients/${id}`, body);
      expect(answer).toMatchObject({ status: 400, body: { errors: [{ field }] } });
      expect(answer.body.code).toMatch(/^invalid_(?:redirect_uri|client_metadata)$/);
      await expect(server.auditOf(answer.headers)).resolves.toMatchObject([{ type: 'admin.refused' }]);
    }
    await expect(server.admin('GET', `clients/${id}`)).resolves.toMatchObject({
      body: { require_pkce: false },
    });
  });

  it('takes effect at once, and the old secret dies when the client no longer uses one', async () => {
    const { client_id: id, client_secret: old } = await create({
      redirect_uris: [],
      grant_types: ['client_credentials'],
    });
    expect((await tokenWith(id, old)).status).toBe(200);
    const keys = { token_endpoint_auth_method: 'private_key_jwt', jwks_uri: 'https://app.example.com/jwks' };
    const changed = await server.admin('PATCH', `clients/${id}`, keys);
    expect(changed.status).toBe(200);
    expect(changed.body).not.toHaveProperty('client_secret');
    expect((await tokenWith(id, old)).status).toBe(401);
    const back = { token_endpoint_auth_method: 'client_secret_basic', jwks_uri: null };
    const { body } = await server.admin('PATCH', `clients/${id}`, back);
    expect((await tokenWith(id, old)).status).toBe(401);
    expect((await tokenWith(id, textOf(body.client_secret))).status).toBe(200);
  });
});

describe('I02: who may only write clients', () => {
  it('makes no client that may do more, and gets no such client into their hands', async () => {
    const token = await server.adminToken(['clients:write']);
    const { client_id: strong } = await create({ scope: 'openid users:write', client_name: 'Strong' });
    const { client_id: plain } = await create();
    const before = await server.countRows();
    const attempts = [
      ['POST', 'clients', { grant_types: ['client_credentials'], scope: 'roles:write' }, 'roles:write'],
      ['POST', 'clients', { redirect_uris: callback, scope: 'openid audit:read' }, 'audit:read'],
      ['PATCH', `clients/${plain}`, { scope: 'clients:read keys:read' }, 'keys:read'],
      ['PUT', `clients/${plain}`, { redirect_uris: callback, scope: 'config:write' }, 'config:write'],
      ['PATCH', `clients/${strong}`, { jwks_uri: 'https://evil.example/jwks' }, 'users:write'],
      ['PATCH', `clients/${strong}`, { scope: null }, 'users:write'],
      ['PUT', `clients/${strong}`, { redirect_uris: ['https://evil.example/'] }, 'users:write'],
      ['DELETE', 'clients/test-operator', undefined, 'users:read'],
    ] as const;
    for (const [method, path, body, scope] of attempts) {
      const answer = await server.admin(method, path, body, { authorization: `Bearer ${token}` });
      expect(answer).toMatchObject({ status: 403, body: { code: 'insufficient_scope' } });
      expect(answer.headers.get('www-authenticate')).toContain(`scope="${scope}"`);
    }
    await expect(server.countRows()).resolves.toEqual(before);
    await expect(server.admin('GET', `clients/${strong}`)).resolves.toMatchObject({
      body: { redirect_uris: callback, scope: 'openid users:write' },
    });
  });

  it('makes and changes all others', async () => {
    const headers = { authorization: `Bearer ${await server.adminToken(['clients:write'])}` };
    const service = { grant_types: ['client_credentials'], scope: 'clients:write orders:read' };
    const made = await server.admin('POST', 'clients', service, headers);
    expect(made.status).toBe(201);
    const path = `clients/${textOf(made.body.client_id)}`;
    expect((await server.admin('PATCH', path, { scope: 'orders:write' }, headers)).status).toBe(200);
    expect((await server.admin('DELETE', path, undefined, headers)).status).toBe(204);
  });
});

describe('two operators at once', () => {
  it('are kept from overwriting each other by If-Match', async () => {
    const { client_id: id } = await create();
    const first = await server.admin(
      'PATCH',
      `clients/${id}`,
      { client_name: 'One' },
      { 'if-match': '"v1"' },
    );
    expect(first.status).toBe(200);
    for (const [method, body] of [
      ['PATCH', { client_name: 'Two' }],
      ['PUT', { redirect_uris: callback }],
      ['DELETE', undefined],
    ] as const) {
      const late = await server.admin(method, `clients/${id}`, body, { 'if-match': '"v1"' });
      expect(late).toMatchObject({ status: 412, body: { code: 'precondition_failed' } });
    }
    await expect(server.admin('GET', `clients/${id}`)).resolves.toMatchObject({
      body: { client_name: 'One' },
    });
    const last = await server.admin('DELETE', `clients/${id}`, undefined, { 'if-match': '"v1", "v2"' });
    expect(last.status).toBe(204);
  });

  it('see exactly one of many changes of the same version succeed', async () => {
    const { client_id: id } = await create();
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        server.admin('PATCH', `clients/${id}`, { client_name: `Name ${index}` }, { 'if-match': '"v1"' }),
      ),
    );
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
      200,
      ...Array.from({ length: 11 }, () => 412),
    ]);
  });
});

describe('deleting a client', () => {
  it('answers 204 without a body, once, and its secret is worth nothing any more', async () => {
    const { client_id: id, client_secret: secret } = await create({
      redirect_uris: [],
      grant_types: ['client_credentials'],
    });
    expect((await tokenWith(id, secret)).status).toBe(200);
    const gone = await server.admin('DELETE', `clients/${id}`);
    expect([gone.status, gone.body]).toEqual([204, {}]);
    await expect(server.auditOf(gone.headers)).resolves.toMatchObject([
      { type: 'client.deleted', client_id: id },
    ]);
    await expect(server.admin('DELETE', `clients/${id}`)).resolves.toMatchObject({ status: 404 });
    await expect(server.admin('GET', `clients/${id}`)).resolves.toMatchObject({ status: 404 });
    expect((await tokenWith(id, secret)).status).toBe(401);
  });

  it("is refused for the server's own, as is every change of them", async () => {
    for (const [method, body] of [
      ['PUT', { redirect_uris: callback }],
      ['PATCH', { skip_consent: false }],
      ['DELETE', undefined],
    ] as const) {
      await expect(server.admin(method, 'clients/gatehouse-account', body)).resolves.toMatchObject({
        status: 409,
        body: { code: 'built_in' },
      });
    }
  });
});
