import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { startTwo } from '../process/changes.ts';
import type { RunningGatehouse } from '../support/gatehouse.ts';
import { makePerson } from '../support/person.ts';
import { readRows } from '../support/rows.ts';
import { unseenFor } from '../support/unseen-for.ts';
import { waitFor } from '../support/wait-for.ts';
import { pagesOf } from './admin-fixture.ts';
import { type Account, type App, addAccount, registerApp } from './protocol/app.ts';

/** Two servers on one database: what an operator sets at one of them counts at the other within a second. */
describe('settings of the running server, in the admin API', () => {
  let here: RunningGatehouse;
  let there: RunningGatehouse;
  let app: App;
  let who: Account;
  beforeAll(async () => {
    [there, here] = await startTwo({ GATEHOUSE_LOCKOUT_WINDOW: '11m', GATEHOUSE_SIGN_UP: '' });
    app = await registerApp(there, { skip_consent: true });
    who = await addAccount(there, 'settings@example.org');
  });
  afterAll(async () => {
    await here.dispose();
    await there.dispose();
  });

  const change = (changes: Record<string, string | null>, headers: Record<string, string> = {}) =>
    here.admin('PATCH', 'settings', changes, headers);
  const set = async (changes: Record<string, string | null>) => {
    const { status, body } = await change(changes);
    expect({ status, body }).toMatchObject({ status: 200 });
    return performance.now();
  };
  /** Until it counts at the other process, which must be within a second of the answer. */
  const soon = async (what: string, condition: () => Promise<boolean>, since: number) => {
    expect(await unseenFor(what, since, condition)).toBeLessThan(1000);
  };
  const signIn = async () => (await app.signIn(makePerson(there.issuer), who)).body;
  const read = async (name: string) => (await there.admin('GET', `settings/${name}`)).body;

  it('are all there, in pages, with where they come from, and no secret among them', async () => {
    const all = [];
    for await (const page of pagesOf(here, 'settings', 'limit=20')) all.push(...page);
    const named = new Map(all.map((setting) => [setting.name, setting]));
    expect(named.size).toBe(all.length);
    expect(named.get('LOCKOUT_WINDOW')).toMatchObject({
      variable: 'GATEHOUSE_LOCKOUT_WINDOW',
      value: '11m',
      default: '10m',
      source: 'environment',
      secret: false,
      runtime: false,
      doc: expect.stringMatching(/^How far back/),
    });
    expect(named.get('TTL_ID_TOKEN')).toMatchObject({ value: '10m', source: 'default', runtime: true });
    expect(named.get('SIGN_UP')).toMatchObject({ value: 'open', source: 'derived', runtime: true });
    expect(named.get('BOOTSTRAP_CLIENT_SECRET')).toMatchObject({ value: null, secret: true });
    const text = JSON.stringify(all);
    for (const secret of [here.bootstrap.clientSecret, here.bootstrap.password])
      expect(text).not.toContain(secret);
    const database = here.database === 'embedded' ? '' : new URL(here.database.url).password;
    if (database !== '') expect(text).not.toContain(database);
    const runtime = (await here.admin('GET', 'settings?runtime=true')).body.items ?? [];
    expect(runtime.map(({ name }) => String(name)).toSorted()).toEqual([
      'INITIAL_PASSWORDS',
      'LOG_LEVEL',
      'SIGN_UP',
      'SIGN_UP_DOMAINS',
      'TTL_ACCESS_TOKEN',
      'TTL_ID_TOKEN',
      'TTL_INITIAL_PASSWORD',
      'TTL_REFRESH_TOKEN_IDLE',
      'TTL_SESSION_IDLE',
    ]);
  });

  it.each([
    ['TTL_ACCESS_TOKEN', '7m', async () => (await signIn()).expires_in === 420],
    [
      'TTL_ID_TOKEN',
      '3m',
      async () => {
        const { exp = 0, iat = 0 } = decodeJwt(String((await signIn()).id_token));
        return exp - iat === 180;
      },
    ],
    [
      'TTL_REFRESH_TOKEN_IDLE',
      '2h',
      async () => {
        const token = String((await signIn()).refresh_token);
        const { body } = await app.post('introspect', { token });
        return Number(body.exp) - Number(body.iat) === 7200;
      },
    ],
    [
      'TTL_SESSION_IDLE',
      '20m',
      async () => {
        await signIn();
        const { items = [] } = (await there.admin('GET', `users/${who.sub}/sessions`)).body;
        const left = Number(items[0]?.expires_at) - Date.now() / 1000;
        return left < 1201 && left > 1100;
      },
    ],
    [
      'TTL_INITIAL_PASSWORD',
      '30m',
      async () => {
        const { sub } = await addAccount(there, `x${Math.random()}@example.org`, {
          password_temporary: true,
        });
        const [factor] = (await there.admin('GET', `users/${sub}/factors`)).body.items ?? [];
        return Number(factor?.temporary_until) < Date.now() / 1000 + 1801;
      },
    ],
    [
      'INITIAL_PASSWORDS',
      'temporary',
      async () => {
        const { sub } = await addAccount(there, `x${Math.random()}@example.org`);
        const [factor] = (await there.admin('GET', `users/${sub}/factors`)).body.items ?? [];
        return factor?.temporary_until !== null;
      },
    ],
    [
      'LOG_LEVEL',
      'error',
      async () => {
        const { headers } = await fetch(`${there.issuer}/nothing-here`);
        const id = String(headers.get('x-request-id'));
        // A line is on its way for a moment.
        const isLogged = async () => there.output().includes(id);
        return waitFor('it is logged', isLogged, { within: 300 }).then(
          () => false,
          () => true,
        );
      },
    ],
    [
      'SIGN_UP',
      'closed',
      async () =>
        (await there.admin('POST', 'invitations', { email: `x${Math.random()}@example.org` })).status === 403,
    ],
  ])(
    '%s=%s counts at the other process within a second, and no longer when it is taken back',
    async (name, value, counts) => {
      await soon(`${name} counts`, counts, await set({ [name]: value }));
      expect(await read(name)).toMatchObject({ value, source: 'runtime' });
      const back = await set({ [name]: null });
      await soon(`${name} is as before`, async () => !(await counts()), back);
      expect((await read(name)).source).not.toBe('runtime');
    },
  );

  it('change together where one needs the other, all or none', async () => {
    await expect(change({ SIGN_UP: 'domains', LOG_LEVEL: 'warn' })).resolves.toMatchObject({
      status: 400,
      body: { code: 'invalid_input', errors: [{ field: 'SIGN_UP_DOMAINS' }] },
    });
    expect((await read('LOG_LEVEL')).source).toBe('default');
    await set({ SIGN_UP: 'domains', SIGN_UP_DOMAINS: 'Example.com' });
    await expect(change({ SIGN_UP_DOMAINS: null })).resolves.toMatchObject({ status: 400 });
    await set({ SIGN_UP: null, SIGN_UP_DOMAINS: null });
  });

  it.each([
    [{ NOTHING: 'x' }, 'NOTHING', /no such setting/],
    [{ ISSUER: 'https://evil.example' }, 'ISSUER', /while the server runs/],
    [{ ENCRYPTION_KEYS: 'x'.repeat(43) }, 'ENCRYPTION_KEYS', /while the server runs/],
    [{ LOCKOUT_WINDOW: '1m' }, 'LOCKOUT_WINDOW', /while the server runs/],
    [{ TTL_ACCESS_TOKEN: 'soon' }, 'TTL_ACCESS_TOKEN', /must be/],
    [{ TTL_ACCESS_TOKEN: '2d' }, 'TTL_ACCESS_TOKEN', /must be/],
    [{ LOG_LEVEL: 'loud' }, 'LOG_LEVEL', /must be one of/],
  ])('are not changed by %j', async (changes, field, message) => {
    await expect(here.admin('PATCH', 'settings', changes)).resolves.toMatchObject({
      status: 400,
      body: { code: 'invalid_input', errors: [{ field, message: expect.stringMatching(message) }] },
    });
  });

  it('that the environment names are not changed here', async () => {
    const again = await here.startAgain({ env: { GATEHOUSE_LOG_LEVEL: 'warn' } });
    here = again;
    await expect(change({ LOG_LEVEL: 'debug' })).resolves.toMatchObject({
      status: 400,
      body: { errors: [{ field: 'LOG_LEVEL', message: expect.stringMatching(/environment/) }] },
    });
    await set({ TTL_ID_TOKEN: '4m' });
    here = await here.startAgain();
    expect(await read('TTL_ID_TOKEN')).toMatchObject({ value: '4m', source: 'runtime' });
    await set({ TTL_ID_TOKEN: null });
  });

  it('are in the audit log when they change, with the value before and after', async () => {
    if (here.database === 'embedded') throw new Error('not on PostgreSQL');
    await set({ TTL_ID_TOKEN: '5m' });
    await set({ TTL_ID_TOKEN: '5m' });
    await set({ TTL_ID_TOKEN: null });
    const rows = await readRows(
      here.database.superuserUrl,
      `select data, actor_id from audit_event where type = 'setting.changed' order by id desc limit 2`,
    );
    expect(rows).toMatchObject([
      {
        actor_id: 'test-operator',
        data: { name: 'TTL_ID_TOKEN', change: { before: { value: '5m' }, after: { value: null } } },
      },
      { data: { change: { before: { value: null }, after: { value: '5m' } } } },
    ]);
  });

  it('are for those who may write the configuration', async () => {
    const as = async (scope: string) => ({ authorization: `Bearer ${await here.adminToken([scope])}` });
    await expect(change({ LOG_LEVEL: 'warn' }, await as('config:read'))).resolves.toMatchObject({
      status: 403,
    });
    await expect(here.admin('GET', 'settings', undefined, await as('users:write'))).resolves.toMatchObject({
      status: 403,
    });
    await expect(here.admin('GET', 'settings/NOTHING')).resolves.toMatchObject({
      status: 404,
      body: { code: 'setting_not_found' },
    });
  });
});
