import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type AdminServer, serviceToken, startAdminServer, textOf } from './admin-fixture.ts';

let server: AdminServer;
beforeAll(async () => {
  server = await startAdminServer();
});
afterAll(() => server.dispose());

let number = 0;
const aResource = (): string => {
  number += 1;
  return `https://api-${number}.example`;
};
const orders = (changes: object = {}) => ({
  resource: aResource(),
  name: 'Orders',
  scopes: [{ name: 'orders:read', description: 'See orders' }, { name: 'orders:write' }],
  ...changes,
});
const make = async (changes: object = {}) => {
  const { status, body, headers } = await server.admin('POST', 'resource-servers', orders(changes));
  expect([status, body.errors]).toEqual([201, undefined]);
  return { path: `resource-servers/${textOf(body.id)}`, body, headers };
};

describe('resource servers through the admin API', () => {
  it('are made with defaults for what is left out, and are read as they were made', async () => {
    const { path, body, headers } = await make();
    expect(body).toEqual({
      id: expect.stringMatching(/^[\w-]{22}$/),
      resource: `https://api-${number}.example`,
      name: 'Orders',
      scopes: [
        { name: 'orders:read', description: 'See orders', restricted: false },
        { name: 'orders:write', description: '', restricted: false },
      ],
      access_token_format: 'jwt',
      access_token_ttl: 600,
      clients: '*',
      scope_policy: 'narrow',
      built_in: false,
      created_at: expect.any(Number),
      updated_at: expect.any(Number),
    });
    expect(headers.get('location')).toBe(`${server.issuer}/api/admin/v1/${path}`);
    const read = await server.admin('GET', path);
    expect(read).toMatchObject({ status: 200, body });
    expect(read.headers.get('etag')).toBe('"v1"');
    await expect(server.auditOf(headers)).resolves.toMatchObject([
      {
        type: 'resource_server.created',
        data: { resourceServerId: body.id, resource: body.resource, change: { after: { name: 'Orders' } } },
      },
    ]);
  });

  it('can be read, edited and sent back; a change says what was before and is', async () => {
    const { path, body } = await make();
    const put = await server.admin('PUT', path, { ...body, name: 'Renamed', scope_policy: 'refuse' });
    expect(put).toMatchObject({ status: 200, body: { ...body, name: 'Renamed', scope_policy: 'refuse' } });
    await expect(server.auditOf(put.headers)).resolves.toMatchObject([
      {
        type: 'resource_server.updated',
        data: {
          change: {
            before: { name: 'Orders', scope_policy: 'narrow' },
            after: { name: 'Renamed', scope_policy: 'refuse' },
          },
        },
      },
    ]);
    const patch = await server.admin('PATCH', path, { access_token_ttl: 60, scope_policy: null });
    expect(patch.body).toMatchObject({ name: 'Renamed', access_token_ttl: 60, scope_policy: 'narrow' });
    const nothing = await server.admin('PATCH', path, { access_token_ttl: 60 });
    expect(nothing).toMatchObject({ status: 200 });
    expect(nothing.headers.get('etag')).toBe('"v3"');
    await expect(server.auditOf(nothing.headers)).resolves.toEqual([]);
  });

  it('keep a scope restricted of which nothing else is said', async () => {
    const { path } = await make({ scopes: [{ name: 'a', restricted: true }, { name: 'b' }] });
    const { body } = await server.admin('PATCH', path, { scopes: [{ name: 'b' }, { name: 'a' }] });
    expect(body.scopes).toEqual([
      { name: 'b', description: '', restricted: false },
      { name: 'a', description: '', restricted: true },
    ]);
    const opened = await server.admin('PATCH', path, { scopes: [{ name: 'a', restricted: false }] });
    expect(opened.body.scopes).toEqual([{ name: 'a', description: '', restricted: false }]);
  });

  it('are not changed by somebody who has read another version', async () => {
    const { path } = await make();
    const change = (etag: string, name: string) =>
      server.admin('PATCH', path, { name }, { 'if-match': etag });
    const outcomes = await Promise.all(['one', 'two', 'three', 'four'].map((name) => change('"v1"', name)));
    expect(outcomes.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(outcomes.filter(({ status }) => status === 412)).toHaveLength(3);
    const stale = await server.admin('DELETE', path, undefined, { 'if-match': '"v1"' });
    expect(stale).toMatchObject({ status: 412, body: { code: 'precondition_failed' } });
    const gone = await server.admin('DELETE', path, undefined, { 'if-match': '"v2"' });
    expect(gone.status).toBe(204);
    await expect(server.auditOf(gone.headers)).resolves.toMatchObject([
      { type: 'resource_server.deleted', data: { change: { before: { scope_policy: 'narrow' } } } },
    ]);
    await expect(server.admin('GET', path)).resolves.toMatchObject({
      status: 404,
      body: { code: 'resource_server_not_found' },
    });
  });

  it('have a resource of their own, which never changes', async () => {
    const { path, body } = await make();
    const taken = await server.admin('POST', 'resource-servers', orders({ resource: body.resource }));
    expect(taken).toMatchObject({ status: 409, body: { code: 'resource_taken' } });
    const moved = await server.admin('PATCH', path, { resource: aResource() });
    expect(moved).toMatchObject({ status: 400, body: { errors: [{ field: 'resource' }] } });
  });

  it('list clients that there are', async () => {
    const client = await server.admin('POST', 'clients', { redirect_uris: ['https://app.example/cb'] });
    const id = textOf(client.body.client_id);
    const unknown = await server.admin('POST', 'resource-servers', orders({ clients: [id, 'nobody'] }));
    expect(unknown).toMatchObject({ status: 400, body: { errors: [{ field: 'clients.1' }] } });
    const { path } = await make({ clients: [id] });
    await server.admin('DELETE', `clients/${id}`);
    await expect(server.admin('GET', path)).resolves.toMatchObject({ body: { clients: [] } });
  });

  it("show the server's own among them, which nobody can change", async () => {
    const { body } = await server.admin('GET', 'resource-servers?limit=100');
    expect(body.items?.slice(0, 2)).toMatchObject([
      { id: 'admin-api', built_in: true, resource: `${server.issuer}/api/admin` },
      { id: 'account-api', built_in: true, resource: `${server.issuer}/api/account` },
    ]);
    for (const id of ['admin-api', 'account-api']) {
      await expect(server.admin('GET', `resource-servers/${id}`)).resolves.toMatchObject({ status: 200 });
      for (const [method, change] of [
        ['PUT', orders()],
        ['PATCH', { name: 'Mine' }],
        ['DELETE', undefined],
      ] as const)
        await expect(server.admin(method, `resource-servers/${id}`, change)).resolves.toMatchObject({
          status: 409,
          body: { code: 'built_in' },
        });
    }
  });

  it('are listed in pages of any size, each once and in one order', async () => {
    const list = async (query: string) => {
      const ids: unknown[] = [];
      for (let after = ''; ; ) {
        const { status, body } = await server.admin('GET', `resource-servers?${query}${after}`);
        expect(status).toBe(200);
        ids.push(...(body.items ?? []).map(({ id }) => id));
        if (body.next === null) return ids;
        expect(body.items).not.toEqual([]);
        after = `&after=${textOf(body.next)}`;
      }
    };
    const all = await list('limit=100');
    expect(new Set(all).size).toBe(all.length);
    for (const limit of [1, 2, 3]) await expect(list(`limit=${limit}`)).resolves.toEqual(all);
    await expect(list('search=your%20acc&limit=1')).resolves.toEqual(['account-api']);
    await expect(list(`search=${encodeURIComponent(server.issuer)}&limit=1`)).resolves.toEqual(
      all.slice(0, 2),
    );
    const { body } = await make({ name: 'Zebra' });
    await expect(list('search=zEB&limit=1')).resolves.toEqual([body.id]);
    await expect(list(`search=${encodeURIComponent(textOf(body.resource))}`)).resolves.toEqual([body.id]);
  });

  it('are seen with roles:read and changed with roles:write, and with nothing else', async () => {
    const { path } = await make();
    const { adminToken } = server;
    const others = [
      'clients:write',
      'users:write',
      'config:write',
      'audit:read',
      'sessions:write',
      'keys:write',
    ];
    const ask = async (scopes: string[], method: string, body?: unknown) => {
      const authorization = `Bearer ${await adminToken(scopes)}`;
      return (await server.admin(method, path, body, { authorization })).status;
    };
    await expect(ask(others, 'GET')).resolves.toBe(403);
    await expect(ask(['roles:read'], 'GET')).resolves.toBe(200);
    await expect(ask(['roles:read'], 'PATCH', { name: 'x' })).resolves.toBe(403);
    await expect(ask(['roles:read'], 'DELETE')).resolves.toBe(403);
    await expect(ask(others, 'DELETE')).resolves.toBe(403);
    await expect(ask(['roles:write'], 'DELETE')).resolves.toBe(204);
  });

  it('I02: are opened to everybody by nobody who does not have what is opened', async () => {
    const { path, body: made } = await make({
      scopes: [{ name: 'read' }, { name: 'refund', restricted: true }],
    });
    const { resource } = made;
    // Somebody who may change roles, and has none.
    const token = await serviceToken(server, {
      scope: 'roles:write',
      resource: `${server.issuer}/api/admin`,
    });
    const authorization = `Bearer ${token}`;
    const ask = (method: string, body?: unknown) => server.admin(method, path, body, { authorization });
    const open = [{ name: 'read' }, { name: 'refund', restricted: false }];
    for (const [method, body] of [
      ['PATCH', { scopes: open }],
      ['PUT', { resource, name: 'Orders', scopes: open }],
      // Away and back again would open it as well.
      ['PATCH', { scopes: [{ name: 'read' }] }],
      ['PATCH', { scopes: null }],
      ['DELETE', undefined],
    ] as const) {
      const refused = await ask(method, body);
      expect(refused).toMatchObject({ status: 403, body: { code: 'permission_not_held' } });
      await expect(server.auditOf(refused.headers)).resolves.toMatchObject([{ type: 'admin.refused' }]);
    }
    await expect(server.admin('GET', path)).resolves.toMatchObject({
      body: { scopes: [{ restricted: false }, { restricted: true }] },
    });
    await expect(ask('PATCH', { name: 'Renamed' })).resolves.toMatchObject({ status: 200 });
    await expect(server.admin('PATCH', path, { scopes: open })).resolves.toMatchObject({ status: 200 });
    await expect(ask('DELETE')).resolves.toMatchObject({ status: 204 });
  });
});
