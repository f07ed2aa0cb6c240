import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type GoldenPerson, goldenPeople, passwordOf } from '../adapters/user-files/golden/people.ts';
import { type App, registerApp, sentBack, shown } from '../flows/protocol/app.ts';
import { type RunningGatehouse, startGatehouse } from '../support/gatehouse.ts';
import { linkTo, mailTo } from '../support/mailbox.ts';
import { makePerson } from '../support/person.ts';
import { query } from '../support/postgres-cluster.ts';
import { readRows } from '../support/rows.ts';
import { gatehouse } from './gatehouse-command.ts';

const here = (file: string) =>
  fileURLToPath(new URL(`../adapters/user-files/golden/${file}`, import.meta.url));

/** What the files have beside those who can sign in: [rows, imported]. */
const counts: Record<string, [number, number]> = {
  'users.htpasswd': [4, 4],
  // root and daemon have no password
  shadow: [6, 4],
  'directory.ldif': [5, 5],
  'keycloak-realm.json': [5, 5],
  'auth0.ndjson': [2, 2],
  'firebase.json': [2, 2],
  'django.json': [6, 6],
  'wordpress.csv': [3, 3],
  'people.csv': [2, 2],
  'people.jsonl': [2, 2],
};
const files = Object.keys(counts);

describe('people of other systems', () => {
  let server: RunningGatehouse;
  let app: App;
  let settings: Record<string, string>;
  let urlOfDatabase: string;
  beforeAll(async () => {
    // Everybody's wrong passwords come from one address here.
    const env = { GATEHOUSE_LOCKOUT_NETWORK_FAILURES: '10000', GATEHOUSE_LOCKOUT_NETWORK_ACCOUNTS: '10000' };
    server = await startGatehouse({ database: 'postgres', env });
    app = await registerApp(server, { skip_consent: true });
    if (server.database === 'embedded') throw new Error('this server has a database of its own');
    urlOfDatabase = server.database.superuserUrl;
    settings = { GATEHOUSE_DATABASE_URL: server.database.url, GATEHOUSE_DATA_DIR: server.dataDir };
    await query(
      urlOfDatabase,
      "insert into role (name, description, created_at) values ('editor', 'Edits.', now())",
    );
  }, 60_000);
  afterAll(() => server.dispose());

  const credentialOf = async ({ login }: Pick<GoldenPerson, 'login'>) => {
    const [row] = await readRows<{ scheme: string | null; must_reset: boolean; key_id: string | null }>(
      urlOfDatabase,
      `select scheme, must_reset, key_id from password_credential join login_name using (account_id)
       where name = $1`,
      [login],
    );
    return row;
  };
  const signIn = async (login: string, password: string) => {
    const person = makePerson(server.issuer);
    await person.visit(app.begin().url);
    return person.signIn({ username: login, password });
  };

  it.each(files)('are imported from %s beside the running server', async (file) => {
    const format = goldenPeople.find((person) => person.file === file)?.format ?? '';
    const more = format === 'firebase' ? ['--firebase-parameters-file', here('firebase-parameters.txt')] : [];
    const [rows = 0, imported = 0] = counts[file] ?? [];
    const args = ['import', 'users', '--format', format, '--json', ...more, here(file)];
    const { code, out, err } = await gatehouse(settings, args);
    expect(JSON.parse(out)).toMatchObject({ rows, imported, refused: rows - imported, skipped: 0 });
    expect([code, err]).toEqual([rows === imported ? 0 : 1, expect.any(String)]);
    for (const person of goldenPeople.filter((one) => one.file === file)) {
      const found = await credentialOf(person);
      expect({ ...person, ...found }).toMatchObject({
        scheme: person.scheme,
        must_reset: person.weak,
        key_id: null,
      });
    }
  });

  const strong = goldenPeople.filter(({ weak }) => !weak);
  it.each(strong)('sign in: $name with $scheme, from $format', async (person) => {
    const wrong = shown(await signIn(person.login, `${passwordOf(person.name)}.`));
    expect(wrong.text).toContain('Wrong user name or password.');
    await expect(credentialOf(person)).resolves.toMatchObject({ scheme: person.scheme });
    expect(sentBack(await signIn(person.login, passwordOf(person.name)))).toHaveProperty('code');
    const replaced = await credentialOf(person);
    expect(replaced).toMatchObject({ scheme: null, key_id: expect.any(String) });
    // With our own hash, which is all that there is now.
    expect(sentBack(await signIn(person.login, passwordOf(person.name)))).toHaveProperty('code');
  });

  const weak = goldenPeople.filter((person) => person.weak);
  it.each(weak)('must set a new password: $name with $scheme, from $format', async (person) => {
    const wrong = shown(await signIn(person.login, `${passwordOf(person.name)}.`));
    expect(wrong.text).toContain('Wrong user name or password.');
    const told = shown(await signIn(person.login, passwordOf(person.name)));
    expect([told.status, told.text]).toEqual([422, expect.stringContaining('Set a new password')]);
    // The weak hash is gone at once, and what is demanded stays.
    await expect(credentialOf(person)).resolves.toMatchObject({ scheme: null, must_reset: true });
    const again = shown(await signIn(person.login, passwordOf(person.name)));
    expect(again.text).toContain('Set a new password');
  });

  it('are in again once they have set one by the link in the mail', async () => {
    const login = 'lea@directory.example';
    const person = makePerson(server.issuer);
    await person.visit('/forgot-password');
    await person.submit({ email: login });
    await person.visit(linkTo('/reset-password', await mailTo(server.issuer, login)));
    const fresh = 'seven otters paint blue doors';
    expect(shown(await person.submit({ new_password: fresh })).status).toBe(200);
    await expect(credentialOf({ login })).resolves.toMatchObject({ scheme: null, must_reset: false });
    expect(sentBack(await signIn(login, fresh))).toHaveProperty('code');
  });

  it('bring their claims with them', async () => {
    const { body } = await server.admin('GET', 'users?email=kim@keycloak.example');
    expect(body.items).toMatchObject([
      {
        email: 'kim@keycloak.example',
        email_verified: true,
        given_name: 'KIM',
        family_name: 'Cloak',
        name: 'KIM Cloak',
        locale: 'de',
        phone_number: '+49 30 123',
        roles: ['editor'],
        status: 'active',
        created_at: 1_600_000_000,
      },
    ]);
    const others = await Promise.all(
      ['stan', 'nopw@django.example', 'will@wordpress.example', 'cleo@csv.example'].map(async (search) => {
        const found = await server.admin('GET', `users?search=${search}`);
        return (found.body.items as Record<string, unknown>[])[0];
      }),
    );
    expect(others).toMatchObject([
      { preferred_username: 'stan', status: 'disabled' },
      { status: 'disabled' },
      { name: 'will, of "Press"', created_at: Date.UTC(2019, 7, 7, 6, 5, 4) / 1000 },
      { family_name: 'Comma, née Quote "C"', roles: ['editor'] },
    ]);
  });

  it('are told of in the audit log, without their hashes', async () => {
    const rows = await readRows<{ type: string; data: Record<string, unknown> }>(
      urlOfDatabase,
      "select type, data from audit_event where data ? 'importId'",
    );
    expect(rows).toHaveLength(Object.values(counts).reduce((sum, [, imported]) => sum + imported, 0));
    expect(rows[0]).toMatchObject({ type: 'user.created', data: { change: { after: expect.anything() } } });
    expect(JSON.stringify(rows)).not.toMatch(/\$2|pbkdf2|\{SSHA|argon2/);
  });
});
