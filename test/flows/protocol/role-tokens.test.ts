import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { aWord } from '../../contracts/builders.ts';
import { unseenFor } from '../../support/unseen-for.ts';
import { waitFor } from '../../support/wait-for.ts';
import { type Api, type Apis, obtain, startApis } from './apis.ts';
import { type Account, type App, registerApp, registerService } from './app.ts';

/** Milliseconds after the answer, by which every process must have seen a change. */
const promised = 1000;

let apis: Apis;
beforeAll(async () => {
  apis = await startApis();
}, 120_000);
afterAll(() => apis.dispose());

const ask = async (method: string, path: string, body?: unknown) => {
  const answer = await apis.servers[0].admin(method, path, body);
  if (answer.status >= 300)
    throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body;
};
const aRole = async (scopesOf: readonly [Api, string][], roles: string[] = []): Promise<string> => {
  const name = aWord();
  const permissions = scopesOf.map(([{ resource }, scope]) => ({ resource, scope }));
  await ask('POST', 'roles', { name, permissions, roles });
  return name;
};
const give = ({ sub }: Account, name: string, expiresAt: number | null = null) =>
  ask('POST', `users/${sub}/roles`, { name, expires_at: expiresAt });
const anApp = () => registerApp(apis.servers[0], { skip_consent: true });
const isActive = async (token: string, process: 0 | 1): Promise<boolean> =>
  (await apis.post(process, apis.guard, 'introspect', { token })).body.active === true;
/** On both processes, within the time that is promised after the call. */
async function expectEnded(token: string): Promise<void> {
  const since = performance.now();
  for (const process of [0, 1] as const)
    expect(
      await unseenFor(
        `it has ended on process ${process}`,
        since,
        async () => !(await isActive(token, process)),
      ),
    ).toBeLessThan(promised);
}
async function expectGood(token: string): Promise<void> {
  for (const process of [0, 1] as const) expect(await isActive(token, process)).toBe(true);
}

describe.each(['jwt', 'opaque'] as const)('a %s token that says more than its holder may do', (format) => {
  /** Somebody with two roles, and tokens with what they allow. */
  async function someoneWith() {
    const api = await apis.make({ access_token_format: format });
    const inner = await aRole([[api, 'refund']]);
    const outer = await aRole([], [inner]);
    const other = await aRole([[api, 'write']]);
    const someone = await apis.somebody();
    await give(someone.who, outer);
    await give(someone.who, other);
    const app = await anApp();
    const wide = await obtain(app, someone, 'openid offline_access read write refund', [api.resource]);
    expect(wide.body.scope).toBe('read write refund');
    const narrow = await obtain(app, someone, 'openid read', [api.resource]);
    expect(narrow.body.scope).toBe('read');
    await expectGood(wide.access);
    return { api, app, inner, outer, other, who: someone.who, wide, narrow };
  }
  type Someone = Awaited<ReturnType<typeof someoneWith>>;

  it.each<[string, (given: Someone) => Promise<unknown>]>([
    ['the person has the role no more', ({ who, outer }) => ask('DELETE', `users/${who.sub}/roles/${outer}`)],
    [
      'the person is given other roles',
      ({ who, other }) => ask('PATCH', `users/${who.sub}`, { roles: [other] }),
    ],
    ['the role allows it no more', ({ inner }) => ask('PATCH', `roles/${inner}`, { permissions: [] })],
    ['the role contains no more what allows it', ({ outer }) => ask('PUT', `roles/${outer}`, { roles: [] })],
    ['the role is deleted', ({ inner }) => ask('DELETE', `roles/${inner}?take_away=true`)],
    ['the time of the role is over', ({ who, outer }) => give(who, outer, Math.ceil(Date.now() / 1000) + 1)],
  ])('ends when %s; its refresh is narrower, and tokens that are not wider stay', async (_when, take) => {
    const given = await someoneWith();
    await take(given);
    await waitFor('it has ended', async () => !(await isActive(given.wide.access, 0)), {
      within: 10_000,
      every: 20,
    });
    await expectEnded(given.wide.access);
    await expectGood(given.narrow.access);
    const { status, body } = await apis.post(1, given.app, 'token', {
      grant_type: 'refresh_token',
      refresh_token: given.wide.refresh,
    });
    expect({ status, scope: body.scope }).toEqual({ status: 200, scope: 'read write' });
    await expectGood(String(body.access_token));
  });

  it('is revoked with what it hangs from although it has ended by itself', async () => {
    const { app, who, outer, wide } = await someoneWith();
    await ask('DELETE', `users/${who.sub}/roles/${outer}`);
    await expectEnded(wide.access);
    await apis.post(1, app, 'revoke', { token: wide.access });
    const { status } = await apis.post(0, app, 'token', {
      grant_type: 'refresh_token',
      refresh_token: wide.refresh,
    });
    expect(status).toBe(400);
  });

  it('is a service’s, too, which has some by registration and some by roles', async () => {
    const api = await apis.make({ access_token_format: format });
    const role = await aRole([[api, 'refund']]);
    const service = await registerService(apis.servers[0], { scope: 'read' });
    const id = service.registration.clientId;
    await ask('POST', `clients/${id}/roles`, { name: role });
    const get = (app: App, process: 0 | 1) =>
      apis.post(process, app, 'token', {
        grant_type: 'client_credentials',
        resource: api.resource,
        scope: 'read refund',
      });
    await waitFor('the role is known', async () => (await get(service, 1)).body.scope === 'read refund', {
      within: 10_000,
      every: 20,
    });
    const wide = String((await get(service, 0)).body.access_token);
    await expectGood(wide);
    await ask('DELETE', `clients/${id}/roles/${role}`);
    await expectEnded(wide);
    const { body } = await get(service, 1);
    expect(body.scope).toBe('read');
    await expectGood(String(body.access_token));
  });
});

describe('what tokens and userinfo say of roles', () => {
  it('is in the access token what is allowed there, and in roles all that somebody has, if asked for', async () => {
    const [api, elsewhere] = [await apis.make(), await apis.make()];
    const inner = await aRole([
      [api, 'refund'],
      [api, 'write'],
      [elsewhere, 'read'],
    ]);
    const outer = await aRole([], [inner]);
    const someone = await apis.somebody();
    await give(someone.who, outer);
    const app = await anApp();
    const plain = decodeJwt((await obtain(app, someone, 'openid refund', [api.resource])).access);
    expect(plain).not.toHaveProperty('permissions');
    expect(plain).not.toHaveProperty('roles');
    const said = await obtain(app, someone, 'openid permissions refund', [api.resource]);
    expect(decodeJwt(said.access)).toMatchObject({ scope: 'refund', permissions: ['write', 'refund'] });
    const asked = await obtain(app, someone, 'openid roles permissions', []);
    const roles = [inner, outer].toSorted();
    const permissions = { [api.resource]: ['refund', 'write'], [elsewhere.resource]: ['read'] };
    await expect(app.userinfo(asked.access)).resolves.toMatchObject({ body: { roles, permissions } });
    const withRoles = await obtain(app, someone, 'openid roles read', [api.resource]);
    expect(decodeJwt(withRoles.access)).toMatchObject({ roles });
    await ask('DELETE', `users/${someone.who.sub}/roles/${outer}`);
    await expectEnded(withRoles.access);
    await expectEnded(said.access);
    await expect(app.userinfo(asked.access)).resolves.toMatchObject({ body: { roles: [], permissions: {} } });
  });

  it('is nothing where nothing was given, and nothing in tokens for the APIs of this server', async () => {
    const api = await apis.make();
    const someone = await apis.somebody();
    const app = await anApp();
    const { access } = await obtain(app, someone, 'openid permissions read', [api.resource]);
    expect(decodeJwt(access)).toMatchObject({ permissions: [] });
    const operator = decodeJwt(await apis.servers[0].adminToken());
    expect(operator).not.toHaveProperty('permissions');
  });
});

describe('somebody who may operate some of the server', () => {
  it('gets the scopes of their roles in a token for the admin API, and loses it with them', async () => {
    const admin = `${apis.issuer}/api/admin`;
    const role = aWord();
    await ask('POST', 'roles', { name: role, permissions: [{ resource: admin, scope: 'users:write' }] });
    const someone = await apis.somebody();
    await give(someone.who, role);
    const app = await registerApp(apis.servers[0], {
      skip_consent: true,
      scope: 'openid users:write clients:write roles:read',
    });
    const { access, body } = await obtain(app, someone, 'openid users:read users:write clients:write', [
      admin,
    ]);
    expect(body.scope).toBe('users:read users:write');
    const call = (process: 0 | 1, path: string) =>
      apis.send(`/api/admin/v1/${path}`, { process, headers: { authorization: `Bearer ${access}` } });
    for (const process of [0, 1] as const) {
      expect((await call(process, 'users?limit=1')).status).toBe(200);
      expect((await call(process, 'clients?limit=1')).status).toBe(403);
    }
    await ask('DELETE', `users/${someone.who.sub}/roles/${role}`);
    const since = performance.now();
    for (const process of [0, 1] as const)
      expect(
        await unseenFor(
          'it is refused',
          since,
          async () => (await call(process, 'users?limit=1')).status === 401,
        ),
      ).toBeLessThan(promised);
  });
});
