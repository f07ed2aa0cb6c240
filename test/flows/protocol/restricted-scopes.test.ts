import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { waitFor } from '../../support/wait-for.ts';
import { type Apis, authorize, obtain, startApis } from './apis.ts';
import { type App, asksFor, registerApp, registerService, sentBack } from './app.ts';

const deviceCode = 'urn:ietf:params:oauth:grant-type:device_code';

let apis: Apis;
let app: App;
let asking: App;
beforeAll(async () => {
  apis = await startApis();
  app = await registerApp(apis.servers[0], { skip_consent: true });
  asking = await registerApp(apis.servers[0], { client_name: 'Asks' });
}, 120_000);
afterAll(() => apis.dispose());

let roles = 0;
/** A role that confers `refund` of this resource server. */
async function aRole(resource: string): Promise<string> {
  roles += 1;
  await apis.addRole(`cashier ${roles}`, resource, 'refund');
  return `cashier ${roles}`;
}

describe('a restricted scope', () => {
  it('is neither asked of somebody without a role for it, nor given', async () => {
    const api = await apis.make();
    const [someone, cashier] = [await apis.somebody(), await apis.somebody()];
    await apis.giveRole(await aRole(api.resource), cashier.who);
    const without = await obtain(asking, someone, 'openid read refund', [api.resource]);
    expect(without.asked).toContain('See your orders');
    expect(without.asked).not.toContain('Pay money back');
    expect(without.body.scope).toBe('read');
    const withRole = await obtain(asking, cashier, 'openid read refund', [api.resource]);
    expect(withRole.asked).toContain('Pay money back');
    expect(withRole.body.scope).toBe('read refund');
  });

  it('goes from the next token when the role goes, and comes back with it', async () => {
    const api = await apis.make();
    const someone = await apis.somebody();
    const role = await aRole(api.resource);
    await apis.giveRole(role, someone.who);
    let { refresh } = await obtain(app, someone, 'openid read refund', [api.resource]);
    const next = async () => {
      const { body } = await app.refresh(refresh);
      refresh = String(body.refresh_token);
      return body.scope;
    };
    await expect(next()).resolves.toBe('read refund');
    await apis.takeRole(role, someone.who);
    await waitFor('it is gone', async () => (await next()) === 'read');
    await apis.giveRole(role, someone.who);
    await waitFor('it is back', async () => (await next()) === 'read refund');
  });

  it('stays restricted when the role that conferred it is deleted', async () => {
    const api = await apis.make({ scopes: [{ name: 'read' }, { name: 'refund', restricted: true }] });
    const someone = await apis.somebody();
    const role = await aRole(api.resource);
    const path = `resource-servers/${api.id}`;
    const [server] = apis.servers;
    for (const [method, change] of [
      ['PATCH', { scopes: [{ name: 'read' }] }],
      ['PATCH', { scopes: [{ name: 'refund', restricted: false }] }],
      ['DELETE', undefined],
    ] as const) {
      const { status, body } = await server.admin(method, path, change);
      expect({ status, body }).toMatchObject({
        status: 409,
        body: { code: 'scope_in_use', errors: [{ message: `refund is conferred by ${role}.` }] },
      });
    }
    await apis.dropRole(role);
    await expect(obtain(app, someone, 'openid read refund', [api.resource])).resolves.toMatchObject({
      body: { scope: 'read' },
    });
    await api.change({ scopes: [{ name: 'read' }, { name: 'refund', restricted: false }] });
    await expect(obtain(app, someone, 'openid read refund', [api.resource])).resolves.toMatchObject({
      body: { scope: 'read refund' },
    });
  });

  it.each([
    ['narrow', { status: 200, body: { scope: 'read' } }],
    ['refuse', { status: 400, body: { error: 'invalid_scope' } }],
  ])('is for a device what it is for its person, with the policy %s', async (policy, expected) => {
    const api = await apis.make({ scope_policy: policy });
    const tv = await registerApp(apis.servers[0], {
      grant_types: [deviceCode, 'refresh_token'],
      redirect_uris: [],
      token_endpoint_auth_method: 'none',
      skip_consent: true,
    });
    const { who, person } = await apis.somebody();
    const asked = { scope: 'openid read refund', resource: api.resource };
    const { body: begun } = await tv.post('device_authorization', asked);
    await person.visit(String(begun.verification_uri));
    await person.submit({ user_code: String(begun.user_code) });
    expect(asksFor(await person.submit({ confirm: 'yes' }), 'password')).toBe(true);
    await person.signIn(who);
    const ask = { grant_type: deviceCode, device_code: String(begun.device_code) };
    await expect(tv.post('token', ask)).resolves.toMatchObject(expected);
  });
});

describe('a service', () => {
  it('gets by a role what it is not registered for', async () => {
    const api = await apis.make();
    const service = await registerService(apis.servers[0], { scope: 'read' });
    const ask = async () => {
      const form = { grant_type: 'client_credentials', resource: api.resource, scope: 'read write refund' };
      return (await service.post('token', form)).body.scope;
    };
    await expect(ask()).resolves.toBe('read');
    await apis.giveRoleToClient(await aRole(api.resource), service);
    await waitFor('the role is seen', async () => (await ask()) === 'read refund');
  });
});

describe('the list of apps of a person', () => {
  it('says in plain words what an app may do at an API', async () => {
    const api = await apis.make({ name: 'Orders of the shop' });
    const someone = await apis.somebody();
    await obtain(asking, someone, 'openid read', [api.resource]);
    await someone.person.visit(`${apis.issuer}/account/apps`);
    const page = someone.person.page();
    for (const words of ['Orders of the shop', 'See your orders']) expect(page.text).toContain(words);
  });
});

describe('J01: words of a resource server', () => {
  it('are text on every page that shows them', async () => {
    const name = '<script>alert(1)</script>';
    const description = '"><img src=x onerror=alert(2)>';
    const api = await apis.make({ name, scopes: [{ name: "'<i>", description }] });
    const someone = await apis.somebody();
    const attempt = asking.begin({ scope: "openid '<i>", resource: api.resource });
    await someone.person.visit(attempt.url);
    await someone.person.signIn(someone.who);
    const consent = someone.person.page();
    await someone.person.submit({}, { button: 'allow' });
    await someone.person.visit(`${apis.issuer}/account/apps`);
    for (const page of [consent, someone.person.page()]) {
      for (const words of [name, description, "'<i>"]) expect(page.text).toContain(words);
      expect(page.html).not.toMatch(/<script>alert|<img src=x|<i>/);
    }
  });
});

describe('a resource server that refuses what may not be had', () => {
  const refuse = { scope_policy: 'refuse' };

  it('sends the browser back with the name of the scope, before and after a sign-in', async () => {
    const api = await apis.make(refuse);
    const listed = await registerApp(apis.servers[0], { skip_consent: true, scope: 'openid read' });
    const someone = await apis.somebody();
    for (const [by, scope] of [
      [app, 'refund'],
      [app, 'nonsense'],
      [listed, 'write'],
    ] as const)
      for (let time = 0; time < 2; time += 1) {
        const { seen } = await authorize(by, someone, `openid read ${scope}`, [api.resource]);
        expect(sentBack(seen)).toMatchObject({ error: 'invalid_scope', scope });
        expect(sentBack(seen)).not.toHaveProperty('code');
      }
    await expect(obtain(app, someone, 'openid read', [api.resource])).resolves.toMatchObject({
      body: { scope: 'read' },
    });
  });

  it('knows that a scope may be meant for another one', async () => {
    const strict = await apis.make(refuse);
    const other = await apis.make({ scopes: [{ name: 'print' }] });
    const both = [strict.resource, other.resource];
    const someone = await apis.somebody();
    await expect(obtain(app, someone, 'openid read print', both)).resolves.toMatchObject({
      body: { scope: 'read' },
    });
    const { seen } = await authorize(app, someone, 'openid read print nonsense', both);
    expect(sentBack(seen)).toMatchObject({ error: 'invalid_scope', scope: 'nonsense' });
  });

  it('answers the token endpoint with 400, and nothing is used up by that', async () => {
    const api = await apis.make(refuse);
    const someone = await apis.somebody();
    const role = await aRole(api.resource);
    await apis.giveRole(role, someone.who);
    const { refresh, body } = await obtain(app, someone, 'openid read refund', [api.resource]);
    expect(body.scope).toBe('read refund');
    await apis.takeRole(role, someone.who);
    const refused = await app.refresh(refresh, { scope: 'openid refund' });
    expect(refused).toMatchObject({ status: 400, body: { error: 'invalid_scope', scope: 'refund' } });
    // Whoever names no scope asks for what there is.
    await expect(app.refresh(refresh)).resolves.toMatchObject({ status: 200, body: { scope: 'read' } });

    const service = await registerService(apis.servers[0], { scope: 'read' });
    const ask = (scope: string) =>
      service.post('token', { grant_type: 'client_credentials', resource: api.resource, scope });
    await expect(ask('read')).resolves.toMatchObject({ status: 200, body: { scope: 'read' } });
    await expect(ask('read write')).resolves.toMatchObject({
      status: 400,
      body: { error: 'invalid_scope', scope: 'write' },
    });
  });

  it('refuses a pushed request, and a device that asks', async () => {
    const api = await apis.make(refuse);
    const listed = await registerApp(apis.servers[0], {
      scope: 'openid read',
      grant_types: ['authorization_code', deviceCode],
    });
    const asked = { scope: 'openid write', resource: api.resource };
    const parameters = Object.fromEntries(listed.begin(asked).url.searchParams);
    for (const [endpoint, form] of [
      ['par', parameters],
      ['device_authorization', asked],
    ] as const)
      await expect(listed.post(endpoint, form)).resolves.toMatchObject({
        status: 400,
        body: { error: 'invalid_scope' },
      });
  });
});
