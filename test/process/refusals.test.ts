import { existsSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { freePort } from '../support/free-port.ts';
import { makeSecrets, type RunningGatehouse, startGatehouse } from '../support/gatehouse.ts';
import { createDatabase, type TestDatabase } from '../support/postgres.ts';
import { query } from '../support/postgres-cluster.ts';
import { makeTempDir, type TempDir } from '../support/temp-dir.ts';
import { countRows, startToRefusal } from './refused-start.ts';

let folder: TempDir;
let settings: Record<string, string>;
beforeEach(async () => {
  folder = await makeTempDir('refusal');
  settings = {
    GATEHOUSE_DATA_DIR: join(folder.path, 'data'),
    GATEHOUSE_PORT: String(await freePort()),
    GATEHOUSE_MANAGEMENT_PORT: String(await freePort()),
  };
});
afterEach(() => folder.remove());

/** Listens, as some other program would. */
async function occupy(port: number): Promise<Server> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return server;
}

describe('a start on a port that another program has', () => {
  const which = ['GATEHOUSE_PORT', 'GATEHOUSE_MANAGEMENT_PORT'] as const;

  it.each(which)('(%s) ends with 1, a line and its remedy, and makes no data directory', async (setting) => {
    const port = Number(settings[setting]);
    const other = await occupy(port);
    const { code, stdout, lines } = await startToRefusal(settings);
    expect([code, stdout, lines]).toEqual([
      1,
      '',
      [
        expect.stringMatching(
          new RegExp(`^Cannot listen on (127\\.0\\.0\\.1|localhost) port ${port}: another program`),
        ),
        `Stop that program, or choose another port in ${setting}.`,
      ],
    ]);
    expect(existsSync(join(folder.path, 'data'))).toBe(false);
    other.close();
  });

  it.each([
    ['one process', '1', 'GATEHOUSE_PORT'],
    ['one process', '1', 'GATEHOUSE_MANAGEMENT_PORT'],
    ['two workers', '2', 'GATEHOUSE_PORT'],
    ['two workers', '2', 'GATEHOUSE_MANAGEMENT_PORT'],
  ] as const)(
    'writes nothing into PostgreSQL either, with %s (WORKERS=%s, %s)',
    async (_how, workers, setting) => {
      const database = await createDatabase();
      const other = await occupy(Number(settings[setting]));
      const { code, lines } = await startToRefusal({
        ...settings,
        ...makeSecrets(),
        GATEHOUSE_DATABASE_URL: database.url,
        GATEHOUSE_WORKERS: workers,
      });
      expect([code, lines.length]).toEqual([1, 2]);
      await expect(countRows(database.superuserUrl)).resolves.toEqual({});
      other.close();
      await database.drop();
    },
  );
});

describe('a start beside a running server', () => {
  let running: RunningGatehouse;
  beforeAll(async () => {
    running = await startGatehouse();
  });
  afterAll(() => running.dispose());

  it('on the same data directory names that server, and leaves it alone', async () => {
    for (const port of [running.port, await freePort()]) {
      const { code, lines } = await startToRefusal({
        ...settings,
        GATEHOUSE_DATA_DIR: running.dataDir,
        GATEHOUSE_PORT: String(port),
      });
      expect(code).toBe(1);
      expect(lines).toEqual([
        expect.stringMatching(
          new RegExp(`^The data directory .* is in use by process ${running.pid} since \\d{4}-.*Z\\.$`),
        ),
        expect.stringMatching(/^Stop that process first/),
      ]);
    }
    await expect(running.admin('GET', 'users')).resolves.toMatchObject({ status: 200 });
  });
});

describe('a start on a database that is not fit', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createDatabase();
  });
  afterAll(() => database.drop());

  it('ends with 78 when the encryption key is another one, and writes nothing', async () => {
    const env = makeSecrets();
    const first = await startGatehouse({ database, env });
    await first.stop();
    const before = await countRows(database.superuserUrl);
    const { code, stdout, lines } = await startToRefusal({
      ...settings,
      ...env,
      GATEHOUSE_ENCRYPTION_KEYS: makeSecrets().GATEHOUSE_ENCRYPTION_KEYS ?? '',
      GATEHOUSE_DATABASE_URL: database.url,
      GATEHOUSE_BOOTSTRAP_CLIENT_ID: 'another',
      GATEHOUSE_BOOTSTRAP_CLIENT_SECRET: 'x'.repeat(40),
    });
    expect([code, stdout, lines]).toEqual([
      78,
      '',
      [
        'The signing keys in the database cannot be decrypted with GATEHOUSE_ENCRYPTION_KEYS.',
        expect.stringMatching(/^Set the keys that this database was used with/),
      ],
    ]);
    await expect(countRows(database.superuserUrl)).resolves.toEqual(before);
  });

  it('ends with 1 when its schema is newer, and says what to do', async () => {
    await query(database.superuserUrl, `insert into schema_migration (number, name) values (9000, 'future')`);
    const before = await countRows(database.superuserUrl);
    const { code, lines } = await startToRefusal({
      ...settings,
      ...makeSecrets(),
      GATEHOUSE_DATABASE_URL: database.url,
    });
    expect([code, lines]).toEqual([
      1,
      [
        expect.stringMatching(/^The database has schema version 9000, this program knows up to \d+\.$/),
        expect.stringMatching(/^Start the version that made this schema/),
      ],
    ]);
    await expect(countRows(database.superuserUrl)).resolves.toEqual(before);
  });

  it.each([
    [
      'tables of another program',
      'create table account (id integer); create table orders (id integer)',
      "tables that are not Gatehouse's: account, orders",
    ],
    [
      'a list of migrations that another program keeps',
      'create table schema_migration (version text)',
      "a table schema_migration that is not Gatehouse's",
    ],
    [
      'migrations that another program has made',
      "create table schema_migration (number integer, name text); insert into schema_migration values (1, 'orders')",
      "a schema that is not Gatehouse's: its migration 1 is orders",
    ],
  ])('ends with 1 when it holds %s, and leaves it alone', async (_what, sql, said) => {
    const other = await createDatabase();
    await query(other.superuserUrl, `set role gatehouse; ${sql}`);
    const before = await countRows(other.superuserUrl);
    const { code, lines } = await startToRefusal({
      ...settings,
      ...makeSecrets(),
      GATEHOUSE_DATABASE_URL: other.url,
    });
    expect([code, lines]).toEqual([
      1,
      [
        `The database holds ${said}. Nothing was changed.`,
        expect.stringMatching(/^Name an empty database in GATEHOUSE_DATABASE_URL, or give its user a schema/),
      ],
    ]);
    await expect(countRows(other.superuserUrl)).resolves.toEqual(before);
    await other.drop();
  });

  it('ends with 1 when its user may make no tables, and says who must own what', async () => {
    const other = await createDatabase();
    await query(other.superuserUrl, 'alter schema public owner to postgres');
    const { code, lines } = await startToRefusal({
      ...settings,
      ...makeSecrets(),
      GATEHOUSE_DATABASE_URL: other.url,
    });
    expect([code, lines]).toEqual([
      1,
      [
        'The user of the database may not make or change tables in it. Nothing was changed.',
        expect.stringMatching(/^Let the user own the database/),
      ],
    ]);
    await other.drop();
  });

  it.each([
    ['nobody listens', (url: URL) => Object.assign(url, { port: '1' })],
    ['there is no such database', (url: URL) => Object.assign(url, { pathname: '/nowhere' })],
    ['this user may not come in', (url: URL) => Object.assign(url, { username: 'nobody' })],
  ])('ends with 1 within seconds when %s, and shows no password', async (_why, change) => {
    const url = change(new URL(database.url));
    url.password = 'canary';
    const { code, lines, seconds } = await startToRefusal({ ...settings, GATEHOUSE_DATABASE_URL: url.href });
    expect([code, lines]).toEqual([
      1,
      [
        expect.stringMatching(new RegExp(`^The database ${url.host}${url.pathname} cannot be reached: .`)),
        expect.stringMatching(/^Check GATEHOUSE_DATABASE_URL/),
      ],
    ]);
    expect(lines.join()).not.toContain('canary');
    expect(seconds).toBeLessThan(20);
    expect(existsSync(join(folder.path, 'data'))).toBe(false);
  });

  it('ends with 1 when the database stops to answer in the middle of it', async () => {
    const other = await createDatabase();
    const env = makeSecrets();
    await (await startGatehouse({ database: other, env })).stop();
    const holder = new pg.Client({ connectionString: other.superuserUrl });
    await holder.connect();
    await holder.query('begin; lock table signing_key');
    const { code, lines } = await startToRefusal({
      ...settings,
      ...env,
      GATEHOUSE_DATABASE_URL: other.url,
      GATEHOUSE_DATABASE_STATEMENT_TIMEOUT: '300ms',
    });
    expect([code, lines]).toEqual([
      1,
      [
        expect.stringMatching(/^The start was given up: database: 57014 .*statement timeout/),
        expect.stringMatching(/^Start the server again/),
      ],
    ]);
    await holder.end();
    await other.drop();
  });

  it('gives up on a database that takes connections and says nothing', async () => {
    const silent = await occupy(await freePort());
    const address = silent.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const { code, lines } = await startToRefusal({
      ...settings,
      GATEHOUSE_DATABASE_URL: `postgres://gatehouse@127.0.0.1:${port}/gatehouse`,
      GATEHOUSE_DATABASE_CONNECT_TIMEOUT: '500ms',
    });
    expect([code, lines.length]).toEqual([1, 2]);
    expect(lines[0]).toMatch(/cannot be reached: no connection within 500 ms/);
    silent.close();
  });
});

describe('a start on a configuration that is not fit', () => {
  it('ends with 78 and tells all faults at once', async () => {
    const { code, stdout, lines } = await startToRefusal({
      ...settings,
      GATEHOUSE_PRT: '3000',
      GATEHOUSE_LOG_LEVEL: 'loud',
      GATEHOUSE_WORKERS: '2',
    });
    expect([code, stdout]).toEqual([78, '']);
    const said = lines.join('\n');
    for (const name of ['GATEHOUSE_PRT', 'GATEHOUSE_LOG_LEVEL', 'GATEHOUSE_WORKERS'])
      expect(said).toContain(name);
    expect(existsSync(join(folder.path, 'data'))).toBe(false);
  });

  it('ends with 78 when the certificate cannot be used, before it touches the database', async () => {
    const database = await createDatabase();
    const [cert, key] = [join(folder.path, 'tls.crt'), join(folder.path, 'tls.key')];
    writeFileSync(cert, 'no certificate');
    writeFileSync(key, 'no key');
    const { code, lines } = await startToRefusal({
      ...settings,
      ...makeSecrets(),
      GATEHOUSE_ISSUER: 'https://id.example.org',
      GATEHOUSE_TLS_CERT_FILE: cert,
      GATEHOUSE_TLS_KEY_FILE: key,
      GATEHOUSE_DATABASE_URL: database.url,
      GATEHOUSE_SMTP_URL: 'smtp://127.0.0.1:1',
      GATEHOUSE_MAIL_FROM: 'no-reply@example.org',
    });
    expect([code, lines]).toEqual([
      78,
      [
        expect.stringMatching(/^The TLS certificate or key cannot be used: ./),
        'Check GATEHOUSE_TLS_CERT_FILE and GATEHOUSE_TLS_KEY_FILE.',
      ],
    ]);
    await expect(countRows(database.superuserUrl)).resolves.toEqual({});
    await database.drop();
  });
});
