import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Apis, obtain, startApis } from '../flows/protocol/apis.ts';
import { type App, registerApp } from '../flows/protocol/app.ts';

const desk = ['users:write', 'clients:write', 'roles:write'];
const inHours = (hours: number): number => Math.floor(Date.now() / 1000) + hours * 3600;

describe('I02 nobody becomes more by what they may do, nor for longer', () => {
  let apis: Apis;
  let console: App;
  beforeAll(async () => {
    apis = await startApis();
    const resource = `${apis.issuer}/api/admin`;
    const permissions = desk.map((scope) => ({ resource, scope }));
    await ask('POST', 'roles', { name: 'desk', permissions });
    await ask('POST', 'roles', { name: 'keys', permissions: [{ resource, scope: 'keys:write' }] });
    console = await registerApp(apis.servers[0], { skip_consent: true, scope: `openid ${desk.join(' ')}` });
  }, 120_000);
  afterAll(() => apis.dispose());

  const ask = async (method: string, path: string, body?: unknown) => {
    const answer = await apis.servers[0].admin(method, path, body);
    if (answer.status >= 300)
      throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  /** Somebody who has the role `desk`, and how they ask. */
  async function aClerk(until: number | null = null) {
    const someone = await apis.somebody();
    const { sub } = someone.who;
    await ask('POST', `users/${sub}/roles`, { name: 'desk', expires_at: until });
    const { access } = await obtain(console, someone, `openid ${desk.join(' ')}`, [
      `${apis.issuer}/api/admin`,
    ]);
    const request = async (method: string, path: string, body?: unknown) => {
      const { status, text } = await apis.send(`/api/admin/v1/${path}`, {
        process: 1,
        method,
        headers: { authorization: `Bearer ${access}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const answer: Record<string, unknown> = text === '' ? {} : JSON.parse(text);
      return { status, code: answer.code, words: String(answer.detail ?? answer.title) };
    };
    return { sub, request };
  }

  it('who has a role until a day gives it until then at most, also to themselves', async () => {
    const until = inHours(2);
    const clerk = await aClerk(until);
    const { who: other } = await apis.somebody();
    for (const [method, path, body] of [
      ['POST', `users/${other.sub}/roles`, { name: 'desk' }],
      ['POST', `users/${other.sub}/roles`, { name: 'desk', expires_at: until + 1 }],
      ['POST', `users/${clerk.sub}/roles`, { name: 'desk' }],
      ['PUT', `users/${clerk.sub}/roles`, { roles: [{ name: 'desk', expires_at: until + 60 }] }],
      ['PATCH', `users/${other.sub}`, { roles: ['desk'] }],
      ['POST', 'invitations', { email: 'invited@example.org', roles: ['desk'] }],
      ['POST', 'roles', { name: 'mine', roles: ['desk'] }],
    ] as const) {
      const { status, code, words } = await clerk.request(method, path, body);
      expect({ path, status, code }).toEqual({ path, status: 403, code: 'permission_not_held' });
      expect(words).toContain(new Date(until * 1000).toISOString());
    }
    const given = await clerk.request('POST', `users/${other.sub}/roles`, {
      name: 'desk',
      expires_at: until,
    });
    expect(given.status).toBe(200);
  });

  it('who does not have what an API knows puts it into no role and registers no service for it', async () => {
    const api = await apis.make();
    const clerk = await aClerk();
    const permissions = [{ resource: api.resource, scope: 'write' }];
    const refused = await clerk.request('POST', 'roles', { name: 'pay', permissions });
    expect(refused).toMatchObject({ status: 403, code: 'permission_not_held' });
    expect(refused.words).toContain(`write of ${api.resource}`);
    const { scopes } = await ask('GET', `resource-servers/${api.id}`);
    expect(scopes).toContainEqual(expect.objectContaining({ name: 'write', restricted: false }));
    const service = { redirect_uris: [], grant_types: ['client_credentials'], scope: 'refund' };
    await expect(clerk.request('POST', 'clients', service)).resolves.toMatchObject({
      status: 403,
      code: 'permission_not_held',
    });
    const refund = [{ resource: api.resource, scope: 'refund' }];
    await ask('POST', 'roles', { name: 'cashier', permissions: refund });
    await expect(
      clerk.request('POST', `users/${clerk.sub}/roles`, { name: 'cashier' }),
    ).resolves.toMatchObject({
      status: 403,
    });
    await ask('POST', `users/${clerk.sub}/roles`, { name: 'cashier' });
    // Of another resource server of the same scope they have nothing.
    const other = await apis.make();
    await expect(clerk.request('POST', 'clients', service)).resolves.toMatchObject({ status: 403 });
    await ask('PATCH', `resource-servers/${other.id}`, { scopes: [{ name: 'refund', restricted: false }] });
    await other.remove();
    await expect(
      clerk.request('POST', 'roles', { name: 'refunds', permissions: refund }),
    ).resolves.toMatchObject({
      status: 201,
    });
  });

  it('an invitation that gives more is neither sent nor taken back', async () => {
    const clerk = await aClerk();
    const { id } = await ask('POST', 'invitations', { email: 'above@example.org', roles: ['keys'] });
    await expect(clerk.request('DELETE', `invitations/${String(id)}`)).resolves.toMatchObject({
      status: 403,
      code: 'insufficient_scope',
    });
    await ask('DELETE', `invitations/${String(id)}`);
  });

  it('a role that others have as well is not widened by one of them', async () => {
    const clerk = await aClerk();
    const resource = `${apis.issuer}/api/admin`;
    const wider = [...desk, 'keys:write'].map((scope) => ({ resource, scope }));
    for (const [method, body] of [
      ['PATCH', { permissions: wider }],
      ['PUT', { permissions: wider }],
      ['PATCH', { roles: ['keys'] }],
    ] as const)
      await expect(clerk.request(method, 'roles/desk', body)).resolves.toMatchObject({ status: 403 });
    await expect(ask('GET', 'roles/desk')).resolves.toMatchObject({ roles: [] });
  });
});
