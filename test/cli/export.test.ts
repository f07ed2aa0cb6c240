import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { makeIdentityText } from '../../adapters/crypto/age/keys.ts';
import {
  type Account,
  type App,
  addAccount,
  isConsent,
  registerApp,
  registerService,
  sentBack,
} from '../flows/protocol/app.ts';
import { begin, discover, finish } from '../flows/protocol/library.ts';
import { cleanEnvironment, type RunningGatehouse, startGatehouse } from '../support/gatehouse.ts';
import { makePerson } from '../support/person.ts';
import { createDatabase, type TestDatabase } from '../support/postgres.ts';
import { readRows } from '../support/rows.ts';
import { makeTempDir } from '../support/temp-dir.ts';
import { gatehouse } from './gatehouse-command.ts';

/** A server that was started without users and clients of its own. */
const nobody = {
  GATEHOUSE_BOOTSTRAP_ADMIN_EMAIL: '',
  GATEHOUSE_BOOTSTRAP_ADMIN_PASSWORD: '',
  GATEHOUSE_BOOTSTRAP_CLIENT_ID: '',
  GATEHOUSE_BOOTSTRAP_CLIENT_SECRET: '',
};

/** An API that only this service may ask for. */
const orders = ({ registration: { clientId } }: App) => ({
  resource: 'https://orders.example',
  name: 'Orders',
  scopes: [{ name: 'orders:read' }, { name: 'orders:refund', restricted: true }],
  clients: [clientId],
});

describe('people and clients, from one server to another', () => {
  let folder: string;
  let first: RunningGatehouse;
  let second: RunningGatehouse;
  let database: TestDatabase;
  let app: App;
  let service: App;
  let who: Account;
  let brought: Account;
  const at = (name: string) => join(folder, name);
  const settingsOf = (server: RunningGatehouse): Record<string, string> => ({
    GATEHOUSE_DATA_DIR: server.dataDir,
    GATEHOUSE_DATABASE_URL: server.database === 'embedded' ? '' : server.database.url,
  });

  /** Whether the person is asked for consent, and the claims that the app gets. */
  const signIn = async (server: RunningGatehouse, account: Account) => {
    const library = await discover(server, app);
    const began = await begin(library, app, { scope: 'openid email' });
    const person = makePerson(server.issuer);
    await person.visit(began.url);
    const asked = await person.signIn(account);
    const back = isConsent(asked) ? await person.submit({}, { button: 'allow' }) : asked;
    expect(sentBack(back)).toHaveProperty('code');
    const tokens = await finish(library, began, back);
    return { asked: isConsent(asked), sub: tokens.claims()?.sub };
  };

  beforeAll(async () => {
    folder = (await makeTempDir('export')).path;
    first = await startGatehouse({ database: 'embedded' });
    app = await registerApp(first);
    service = await registerService(first);
    who = await addAccount(first, 'person@example.org', { preferred_username: 'person', roles: ['admin'] });
    const file = at('users.jsonl');
    // bcrypt of "secret", by htpasswd
    const hash = '$2y$10$2VsXcbjQ5UZ.qlXsuGTEiOV/VDSvm61ngMnI676eFUBk0ufoi6lLW';
    const line = { sub: 'their-id', email: 'brought@example.org', password_hash: hash };
    writeFileSync(file, `${JSON.stringify(line)}\n`);
    const args = ['import', 'users', '--format', 'gatehouse', '--keep-ids', file];
    expect(await gatehouse(settingsOf(first), args)).toMatchObject({ code: 0 });
    brought = { sub: 'their-id', username: 'brought@example.org', password: 'secret' };
    await signIn(first, who);
    const { status } = await first.admin('POST', 'resource-servers', orders(service));
    expect(status).toBe(201);
    database = await createDatabase();
  }, 120_000);
  afterAll(async () => {
    await first.dispose();
    await second?.dispose();
  });

  it('are written beside the running server into a file that shows nothing', async () => {
    expect(await gatehouse({}, ['secrets', 'keypair', at('export.key')])).toMatchObject({ code: 0 });
    const args = ['export', '--all', '--key', at('export.key'), '--json', at('people.age')];
    const { code, out, err } = await gatehouse(settingsOf(first), args);
    expect([code, err]).toEqual([0, '']);
    // The operator's service client, the app and the service; the administrator, the person and who was imported.
    expect(JSON.parse(out).tables).toMatchObject({
      account: 3,
      password_credential: 3,
      client: 3,
      consent: 1,
      resource_server: 1,
      resource_server_scope: 2,
      resource_server_client: 1,
    });
    expect(statSync(at('people.age')).mode & 0o777).toBe(0o600);
    const text = readFileSync(at('people.age'), 'latin1');
    expect(text.startsWith('age-encryption.org/v1\n')).toBe(true);
    expect(text).not.toMatch(/person|example|argon2|gatehouse-/);
  });

  it('are not imported by another key, nor from a file that was changed or is cut off', async () => {
    writeFileSync(at('other.key'), makeIdentityText().identity);
    const whole = readFileSync(at('people.age'));
    const changed = Buffer.from(whole);
    changed[whole.length - 20] = (changed[whole.length - 20] ?? 0) ^ 1;
    writeFileSync(at('changed.age'), changed);
    writeFileSync(at('cut.age'), whole.subarray(0, whole.length - 20));
    writeFileSync(
      at('public.key'),
      readFileSync(at('export.key'), 'utf8').replace(/^.*(age1\w+)[\s\S]*$/, '$1'),
    );
    const settings = { GATEHOUSE_DATABASE_URL: database.url, GATEHOUSE_DATA_DIR: at('second') };
    const refusals: [string, string, string][] = [
      ['other.key', 'people.age', 'is encrypted for another key'],
      ['public.key', 'people.age', 'only the public half'],
      ['export.key', 'changed.age', 'is cut off, or was changed'],
      ['export.key', 'cut.age', 'is cut off, or was changed'],
      ['export.key', 'export.key', 'is no encrypted export'],
      ['people.age', 'people.age', 'This is no key'],
    ];
    for (const [key, file, why] of refusals) {
      const { code, err } = await gatehouse(settings, ['import', 'all', '--key', at(key), at(file)]);
      expect([code, err]).toEqual([1, expect.stringContaining(why)]);
    }
    const tables = await readRows(
      database.superuserUrl,
      "select 1 from pg_tables where schemaname = 'public'",
    );
    expect(tables).toEqual([]);
  }, 60_000);

  it('are imported into a server that has nobody, and sign in there with the same sub', async () => {
    second = await startGatehouse({
      database,
      dataDir: at('second'),
      bootstrap: first.bootstrap,
      env: nobody,
    });
    const args = ['import', 'all', '--key', at('export.key'), at('people.age')];
    const { code, out, err } = await gatehouse(settingsOf(second), args);
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain('Imported 3 users and 3 clients');
    // Its own keys are others; that of the passwords came with the file.
    const { sub } = who;
    await expect(signIn(second, who)).resolves.toEqual({ asked: false, sub });
    await expect(signIn(second, brought)).resolves.toEqual({ asked: true, sub: 'their-id' });
    const { body } = await service.post('token', { grant_type: 'client_credentials' });
    expect(body).toHaveProperty('access_token');
    const { body: page } = await second.admin('GET', 'resource-servers?search=orders');
    expect(page.items).toMatchObject([orders(service)]);
    // The operators' program, and the roles.
    const { body: user } = await second.admin('GET', `users/${sub}`);
    expect(user).toMatchObject({ email: 'person@example.org', roles: ['admin'] });
  }, 60_000);

  it('have passwords of the new server once they have signed in', async () => {
    const credentials = await readRows<{ account_id: string; key_id: string | null; scheme: string | null }>(
      database.superuserUrl,
      'select account_id, key_id, scheme from password_credential',
    );
    const of = (sub: string) => credentials.find(({ account_id: id }) => id === sub);
    expect(of(who.sub)).toMatchObject({ scheme: null, key_id: expect.not.stringContaining('brought-') });
    expect(of(brought.sub)).toMatchObject({ scheme: null, key_id: expect.not.stringContaining('brought-') });
    const rest = credentials.filter(({ account_id: id }) => ![who.sub, brought.sub].includes(id));
    expect(rest).toEqual([expect.objectContaining({ key_id: expect.stringContaining('brought-') })]);
    const [key] = await readRows<{ key_encrypted: string }>(
      database.superuserUrl,
      'select key_encrypted from brought_password_key',
    );
    expect(key?.key_encrypted).toMatch(/^v1\./);
  });

  it('are not put beside others', async () => {
    const args = ['import', 'all', '--key', at('export.key'), at('people.age')];
    const { code, err } = await gatehouse(settingsOf(second), args);
    expect([code, err]).toEqual([1, expect.stringContaining('This server is not empty: it has 3 users')]);
  });

  it('go on to a third server, embedded, from the one that they were brought to', async () => {
    const settings = { GATEHOUSE_DATA_DIR: at('third') };
    const key = ['--key', at('export.key')];
    const exported = await gatehouse(settingsOf(second), ['export', '--all', ...key, at('again.age')]);
    expect(exported).toMatchObject({ code: 0 });
    expect(await gatehouse(settings, ['import', 'all', ...key, at('again.age')])).toMatchObject({ code: 0 });
    const third = await startGatehouse({ dataDir: at('third'), bootstrap: first.bootstrap, env: nobody });
    try {
      await expect(signIn(third, who)).resolves.toEqual({ asked: false, sub: who.sub });
      // Never signed in at the second server: the first server's key has come all the way.
      const { email: username, password } = first.bootstrap;
      await expect(signIn(third, { sub: '', username, password })).resolves.toMatchObject({ asked: true });
    } finally {
      await third.dispose();
    }
  }, 60_000);

  it('needs a key, and says so', async () => {
    const { code, err } = await gatehouse(cleanEnvironment(), ['export', '--all', at('x.age')]);
    expect([code, err]).toEqual([2, expect.stringContaining('--key')]);
  });
});
