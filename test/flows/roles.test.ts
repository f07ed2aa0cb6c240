import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { adminScopes } from '../../server/clients/resource-servers.ts';
import { aWord } from '../contracts/builders.ts';
import { type AdminServer, startAdminServer } from './admin-fixture.ts';
import { addAccount, registerService } from './protocol/app.ts';

let server: AdminServer;
let api: string;
beforeAll(async () => {
  server = await startAdminServer();
  api = `${server.issuer}/api/admin`;
});
afterAll(() => server.dispose());

const ok = async (method: string, path: string, body?: unknown) => {
  const answer = await server.admin(method, path, body);
  if (answer.status >= 300)
    throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer;
};
const aRole = async (changes: Record<string, unknown> = {}): Promise<string> => {
  const { body } = await ok('POST', 'roles', { name: aWord(), ...changes });
  return String(body.name);
};
const inAnHour = (): number => Math.floor(Date.now() / 1000) + 3600;

describe('roles of the admin API', () => {
  it('are made, read, changed and deleted, each change with before and after in the audit log', async () => {
    const name = aWord();
    const permissions = [{ resource: api, scope: 'users:read' }];
    const created = await ok('POST', 'roles', { name, description: 'Reads.', permissions });
    expect(created).toMatchObject({
      status: 201,
      body: { name, description: 'Reads.', permissions, roles: [], built_in: false },
    });
    expect(created.headers.get('location')).toBe(`${api}/v1/roles/${name}`);
    await expect(server.auditOf(created.headers)).resolves.toMatchObject([
      { type: 'role.created', data: { role: name, change: { after: { permissions } } } },
    ]);
    const read = await ok('GET', `roles/${name}`);
    expect(read.body).toEqual(created.body);
    const etag = read.headers.get('etag') ?? '';
    const patched = await server.admin('PATCH', `roles/${name}`, { description: 'x' }, { 'if-match': etag });
    expect(patched).toMatchObject({ status: 200, body: { description: 'x', permissions } });
    await expect(server.auditOf(patched.headers)).resolves.toMatchObject([
      {
        type: 'role.updated',
        data: { change: { before: { description: 'Reads.' }, after: { description: 'x' } } },
      },
    ]);
    const stale = await server.admin('PUT', `roles/${name}`, { description: 'y' }, { 'if-match': etag });
    expect(stale).toMatchObject({ status: 412, body: { code: 'precondition_failed' } });
    const replaced = await ok('PUT', `roles/${name}`, { description: 'y' });
    expect(replaced.body).toMatchObject({ description: 'y', permissions: [] });
    const deleted = await ok('DELETE', `roles/${name}`);
    expect(deleted.body).toEqual({ taken_from: { users: 0, clients: 0, roles: [] } });
    await expect(server.auditOf(deleted.headers)).resolves.toMatchObject([{ type: 'role.deleted' }]);
    await expect(server.admin('GET', `roles/${name}`)).resolves.toMatchObject({
      status: 404,
      body: { code: 'role_not_found' },
    });
  });

  it('are listed in pages by name, the built-in one with all that it may do', async () => {
    const names = [await aRole(), await aRole(), await aRole()].toSorted();
    const seen: unknown[] = [];
    for (let after = ''; ; ) {
      const { body } = await ok('GET', `roles?limit=2${after === '' ? '' : `&after=${after}`}`);
      seen.push(...(body.items ?? []).map(({ name }) => name));
      if (typeof body.next !== 'string') break;
      after = body.next;
    }
    expect(seen.filter((name) => names.includes(String(name)))).toEqual(names);
    const { body } = await ok('GET', 'roles/admin');
    expect(body).toMatchObject({ built_in: true });
    expect(body.permissions).toHaveLength(adminScopes.length);
  });

  it.each([
    ['a name that is taken', { name: 'editor' }, 409, 'role_name_taken'],
    ['a name that looks like the built-in one', { name: 'Admin' }, 400, 'invalid_input'],
    ['a name with a slash', { name: 'a/b' }, 400, 'invalid_input'],
    ['a name that is not in NFC', { name: 'cafe\u0301' }, 400, 'invalid_input'],
    ['an unknown field', { name: 'x', built_in: true }, 400, 'invalid_input'],
    ['a role that is not there', { name: 'x', roles: ['nowhere'] }, 400, 'invalid_input'],
    ['the built-in role in it', { name: 'x', roles: ['admin'] }, 400, 'invalid_input'],
    ['itself in it', { name: 'x', roles: ['x'] }, 400, 'invalid_input'],
    [
      'a scope that its server has not',
      { name: 'x', permissions: [{ resource: 'https://nowhere.example', scope: 'read' }] },
      400,
      'invalid_input',
    ],
  ])('refuse %s', async (_what, body, status, code) => {
    await server.admin('POST', 'roles', { name: 'editor' });
    await expect(server.admin('POST', 'roles', body)).resolves.toMatchObject({ status, body: { code } });
  });

  it('refuse circles and changes of the built-in one', async () => {
    const inner = await aRole();
    const outer = await aRole({ roles: [inner] });
    await expect(server.admin('PATCH', `roles/${inner}`, { roles: [outer] })).resolves.toMatchObject({
      status: 400,
      body: { code: 'invalid_input' },
    });
    for (const method of ['PUT', 'PATCH', 'DELETE'])
      await expect(
        server.admin(method, 'roles/admin', method === 'DELETE' ? undefined : {}),
      ).resolves.toMatchObject({ status: 409, body: { code: 'built_in' } });
  });

  it('are kept while somebody has them, and taken from all when the operator says so', async () => {
    const role = await aRole();
    const outer = await aRole({ roles: [role] });
    const person = await addAccount(server, `${aWord()}@example.org`, { roles: [role] });
    const service = await registerService(server, { client_id: aWord() });
    await ok('POST', `clients/${service.registration.clientId}/roles`, { name: role });
    const held = await server.admin('DELETE', `roles/${role}`);
    expect(held).toMatchObject({ status: 409, body: { code: 'role_held' } });
    expect(String(held.body.detail ?? held.body.title)).toContain('1 users and 1 clients');
    const taken = await ok('DELETE', `roles/${role}?take_away=true`);
    expect(taken.body).toEqual({ taken_from: { users: 1, clients: 1, roles: [outer] } });
    await expect(ok('GET', `users/${person.sub}`)).resolves.toMatchObject({ body: { roles: [] } });
    await expect(ok('GET', `roles/${outer}`)).resolves.toMatchObject({ body: { roles: [] } });
  });
});

describe.each(['users', 'clients'] as const)('roles of %s', (kind) => {
  let path: string;
  let id: string;
  beforeAll(async () => {
    id =
      kind === 'users'
        ? (await addAccount(server, `${aWord()}@example.org`)).sub
        : (await registerService(server, { client_id: aWord() })).registration.clientId;
    path = `${kind}/${id}/roles`;
  });

  it('are given, shown with what they contain and allow and by what, and taken', async () => {
    const inner = await aRole({ permissions: [{ resource: api, scope: 'users:write' }] });
    const outer = await aRole({ roles: [inner] });
    const until = inAnHour();
    const added = await ok('POST', path, { name: outer, expires_at: until });
    const granted = { name: outer, granted_at: expect.any(Number), expires_at: until };
    expect(added.body).toMatchObject({
      roles: [granted],
      effective: [inner, outer].toSorted().map((name) => ({ name, through: [outer] })),
    });
    expect(added.body.permissions).toContainEqual({ resource: api, scope: 'users:read', through: [outer] });
    await expect(server.auditOf(added.headers)).resolves.toMatchObject([
      {
        type: kind === 'users' ? 'user.roles.changed' : 'client.roles.changed',
        data: { change: { before: { roles: [] }, after: { roles: [{ name: outer }] } } },
      },
    ]);
    const both = await ok('PUT', path, { roles: [{ name: inner }, { name: outer, expires_at: until }] });
    expect(both.body.roles).toHaveLength(2);
    const list = await ok('GET', `roles/${inner}/${kind}?effective=true`);
    const key = kind === 'users' ? 'sub' : 'client_id';
    const seen = list.body.items?.map((one) => `${String(one[key])} ${String(one.role)}`);
    expect(seen?.toSorted()).toEqual([`${id} ${inner}`, `${id} ${outer}`].toSorted());
    expect((await ok('GET', `roles/${inner}/${kind}`)).body.items).toHaveLength(1);
    await ok('DELETE', `${path}/${outer}`);
    const left = await ok('GET', path);
    expect(left.body).toMatchObject({ roles: [{ name: inner }] });
    await expect(server.admin('DELETE', `${path}/${outer}`)).resolves.toMatchObject({ status: 404 });
    await ok('PUT', path, { roles: [] });
  });

  it('obey If-Match, and whoever names no version is not in the way of others', async () => {
    const [one, two] = [await aRole(), await aRole()];
    const etag = (await ok('GET', path)).headers.get('etag') ?? '';
    await Promise.all([ok('POST', path, { name: one }), ok('POST', path, { name: two })]);
    await expect(ok('GET', path)).resolves.toMatchObject({
      body: { roles: [one, two].toSorted().map((name) => ({ name })) },
    });
    await expect(server.admin('PUT', path, { roles: [] }, { 'if-match': etag })).resolves.toMatchObject({
      status: 412,
    });
    await ok('PUT', path, { roles: [] });
  });

  it('refuse what is not there, what is over, and what is named twice', async () => {
    const role = await aRole();
    const refused = (body: unknown, method = 'PUT') =>
      expect(server.admin(method, path, body)).resolves.toMatchObject({
        status: 400,
        body: { code: 'invalid_input' },
      });
    await refused({ roles: [{ name: 'nowhere' }] });
    await refused({ roles: [{ name: role, expires_at: 1 }] });
    await refused({ roles: [{ name: role }, { name: role }] });
    await refused({ name: role, until: 1 }, 'POST');
    await expect(server.admin('GET', `${kind}/nobody/roles`)).resolves.toMatchObject({ status: 404 });
    await expect(ok('GET', path)).resolves.toMatchObject({ body: { roles: [] } });
  });
});
