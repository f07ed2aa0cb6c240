import { statSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { createDatabase, type TestDatabase } from '../support/postgres.ts';
import { query } from '../support/postgres-cluster.ts';
import { makeTempDir, type TempDir } from '../support/temp-dir.ts';
import { gatehouse } from './gatehouse-command.ts';

const password = 'canary horse battery staple';

describe.each(['embedded', 'external'] as const)('the command line on an %s database', (kind) => {
  let folder: TempDir;
  let database: TestDatabase | undefined;
  let settings: Record<string, string>;

  beforeAll(async () => {
    folder = await makeTempDir('cli');
    database = kind === 'external' ? await createDatabase() : undefined;
    settings = {
      GATEHOUSE_DATA_DIR: join(folder.path, 'data'),
      ...(database === undefined ? {} : { GATEHOUSE_DATABASE_URL: database.url }),
    };
  });

  afterAll(async () => {
    await database?.drop();
    await folder.remove();
  });

  const run = (args: string[], input?: string) => gatehouse(settings, args, input);

  it('shows the schema of a new database without making it', async () => {
    const { code, out } = await run(['migrate', 'status', '--json']);
    expect(code).toBe(0);
    const { current, migrations } = JSON.parse(out);
    expect(current).toBe(0);
    expect(migrations[0]).toEqual({ number: 1, name: 'initial', appliedAt: null });
    expect(migrations.every(({ appliedAt }: { appliedAt: unknown }) => appliedAt === null)).toBe(true);
  });

  it('makes the schema and a user with a password from standard input', async () => {
    const args = [
      'user',
      'create',
      '--email',
      'Ada@Example.org',
      '--role',
      'admin',
      '--password-stdin',
      '--json',
    ];
    const { code, out, err } = await run(args, `${password}\n`);
    expect([code, err]).toEqual([0, '']);
    expect(JSON.parse(out)).toMatchObject({ email: 'Ada@Example.org', roles: ['admin'], status: 'active' });
    expect(out).not.toContain('canary');
  });

  it('finds the user again, and refuses the same address twice', async () => {
    const shown = await run(['user', 'show', 'ada@example.org', '--json']);
    expect(JSON.parse(shown.out)).toMatchObject({ email: 'Ada@Example.org' });
    const again = await run(['user', 'create', '--email', 'ADA@example.org']);
    expect(again).toEqual({
      code: 1,
      out: '',
      err: 'Another user has this e-mail address or user name. Nothing was changed.\n',
    });
  });

  it('names every bad field', async () => {
    const { code, err } = await run(
      ['user', 'create', '--email', 'nobody', '--role', 'nothing', '--password-stdin'],
      'short',
    );
    expect(code).toBe(1);
    for (const field of ['email', 'password', 'roles'])
      expect(err).toMatch(new RegExp(`^ {2}${field}: `, 'm'));
  });

  it('makes, lists, shows and deletes a client', async () => {
    const made = await run(['client', 'create', '--id', 'job', '--type', 'service', '--json']);
    expect(made.code).toBe(0);
    const { client_secret: secret } = JSON.parse(made.out);
    expect(Buffer.from(secret, 'base64url')).toHaveLength(32);
    const list = await run(['client', 'list', '--json']);
    expect(JSON.parse(list.out).items).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ client_id: 'job', grant_types: ['client_credentials'] }),
      ]),
    );
    const shown = await run(['client', 'show', 'job', '--json']);
    expect(shown.out).not.toContain(secret);
    expect(await run(['client', 'delete', 'job'])).toEqual({ code: 0, out: 'Deleted job.\n', err: '' });
    expect((await run(['client', 'show', 'job'])).code).toBe(1);
  });

  it('refuses a secret of one’s own that could be guessed, and a client without what it needs', async () => {
    const weak = await run(
      ['client', 'create', '--id', 'weak', '--type', 'service', '--secret-stdin'],
      'canary-short',
    );
    expect(weak.code).toBe(1);
    expect(weak.err).toMatch(/^ {2}client_secret: Use 32 /m);
    expect(weak.err).not.toContain('canary');
    const bare = await run(['client', 'create', '--id', 'bare']);
    expect([bare.code, bare.out]).toEqual([1, '']);
    expect(bare.err).toMatch(/^ {2}redirect_uris: /m);
  });

  it('goes down to nothing and up again', async () => {
    const down = await run(['migrate', 'down', '--to', '0', '--json']);
    expect(JSON.parse(down.out)).toMatchObject({ current: 0 });
    const up = await run(['migrate', '--json']);
    expect(JSON.parse(up.out).applied).toContain(1);
    const list = await run(['user', 'list', '--json']);
    expect(JSON.parse(list.out)).toEqual({ items: [], next: null });
  });
});

describe('the command line', () => {
  it('keeps what it makes in evaluation mode to its owner', async () => {
    const folder = await makeTempDir('cli');
    const data = join(folder.path, 'data');
    await gatehouse({ GATEHOUSE_DATA_DIR: data }, ['migrate']);
    expect(statSync(data).mode & 0o777).toBe(0o700);
    await folder.remove();
  });

  it('writes the audit log in the name of the operator', async () => {
    const database = await createDatabase();
    const folder = await makeTempDir('cli');
    const settings = { GATEHOUSE_DATA_DIR: folder.path, GATEHOUSE_DATABASE_URL: database.url };
    await gatehouse(settings, ['client', 'create', '--id', 'job', '--type', 'service']);
    const client = new pg.Client({ connectionString: database.superuserUrl });
    await client.connect();
    const { rows } = await client.query('select type, actor_kind, actor_id from audit_event order by id');
    await client.end();
    const operator = { actor_kind: 'operator', actor_id: userInfo().username };
    expect(rows).toEqual([
      { type: 'schema.migrated', ...operator },
      { type: 'client.created', ...operator },
    ]);
    const printed = await gatehouse(settings, ['audit', 'export', '--type', 'client.*']);
    expect(printed).toMatchObject({ code: 0, err: '' });
    expect(JSON.parse(printed.out)).toMatchObject({ type: 'client.created', client_id: 'job', sequence: 2 });
    const wrong = await gatehouse(settings, ['audit', 'export', '--type', 'nothing.*']);
    expect(wrong).toMatchObject({ code: 2, out: '' });
    await database.drop();
    await folder.remove();
  });

  it('refuses to work on a schema that a newer version made', async () => {
    const database = await createDatabase();
    const folder = await makeTempDir('cli');
    const settings = { GATEHOUSE_DATA_DIR: folder.path, GATEHOUSE_DATABASE_URL: database.url };
    await gatehouse(settings, ['migrate']);
    await query(database.superuserUrl, `insert into schema_migration (number, name) values (9000, 'future')`);
    for (const args of [['user', 'list'], ['migrate'], ['migrate', 'down', '--to', '0']]) {
      const { code, out, err } = await gatehouse(settings, args);
      expect([code, out]).toEqual([1, '']);
      expect(err).toContain('The database has schema version 9000');
    }
    await database.drop();
    await folder.remove();
  });

  it.each<[string, number, string[], Record<string, string>]>([
    ['help', 0, ['--help'], {}],
    ['a good configuration', 0, ['config', 'check'], {}],
    [
      'a database that cannot be reached',
      1,
      ['user', 'list'],
      { GATEHOUSE_DATABASE_URL: 'postgres://u:canary@127.0.0.1:1/x' },
    ],
    ['wrong usage', 2, ['user', 'lst'], {}],
    ['a wrong configuration', 78, ['config', 'check'], { GATEHOUSE_PRT: 'canary' }],
    [
      'a wrong configuration, whatever was asked for',
      78,
      ['user', 'list'],
      { GATEHOUSE_ISSUER: 'https://id.example.org' },
    ],
  ])(
    'ends after %s with exit code %i, and shows no value of a secret',
    async (_what, expected, args, settings) => {
      const folder = await makeTempDir('cli');
      const { code, out, err } = await gatehouse({ GATEHOUSE_DATA_DIR: folder.path, ...settings }, args);
      expect(code).toBe(expected);
      expect(out + err).not.toContain('canary');
      await folder.remove();
    },
  );

  it('says in two lines that the database cannot be reached, and what to do', async () => {
    const ended = await gatehouse(
      {
        GATEHOUSE_DATABASE_URL: 'postgres://u:canary@127.0.0.1:1/x',
        GATEHOUSE_DATA_DIR: (await makeTempDir('cli')).path,
      },
      ['user', 'list'],
    );
    expect([ended.code, ended.out]).toEqual([1, '']);
    expect(ended.err.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/^The database 127\.0\.0\.1:1\/x cannot be reached: connect ECONNREFUSED/),
      expect.stringMatching(/^Check GATEHOUSE_DATABASE_URL/),
    ]);
  });

  it('prints the configuration without a secret', async () => {
    const settings = {
      GATEHOUSE_DATABASE_URL: 'postgres://gatehouse:canary@db.example.org/gatehouse',
      GATEHOUSE_BOOTSTRAP_ADMIN_EMAIL: 'admin@example.org',
      GATEHOUSE_BOOTSTRAP_ADMIN_PASSWORD: password,
    };
    for (const args of [
      ['config', 'print'],
      ['config', 'print', '--json'],
    ]) {
      const { code, out, err } = await gatehouse(settings, args);
      expect([code, err]).toEqual([0, '']);
      expect(out).toContain('admin@example.org');
      expect(out).not.toContain('canary');
    }
  });

  it('makes secrets that a shell can read back', async () => {
    const { out } = await gatehouse({}, ['secrets', 'generate']);
    expect(out).toMatch(
      /^GATEHOUSE_ENCRYPTION_KEYS=[\w-]{43}\nGATEHOUSE_COOKIE_KEYS=[\w-]{43}\nGATEHOUSE_PASSWORD_KEYS=[\w-]{43}\n$/,
    );
  });
});
