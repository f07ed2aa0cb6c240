import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import {
  cleanEnvironment,
  makeSecrets,
  projectFolder,
  type RunningGatehouse,
  startGatehouse,
} from '../support/gatehouse.ts';
import { startKept } from '../support/kept-process.ts';
import { createDatabase, type TestDatabase } from '../support/postgres.ts';
import { query } from '../support/postgres-cluster.ts';
import { makeTempDir, type TempDir } from '../support/temp-dir.ts';
import { waitFor } from '../support/wait-for.ts';
import { beginLife, type EverydayLife, goOn } from './everyday-life.ts';
import { gatehouse } from './gatehouse-command.ts';

async function tablesIn({ superuserUrl }: TestDatabase): Promise<number> {
  const client = new pg.Client({ connectionString: superuserUrl });
  await client.connect();
  const { rows } = await client.query("select 1 from pg_tables where schemaname = 'public'");
  await client.end();
  return rows.length;
}

/** Holds up whoever alters a table of accounts in that database once there are accounts in it. */
async function holdBeforeRules({ superuserUrl }: TestDatabase) {
  const client = new pg.Client({ connectionString: superuserUrl });
  await client.connect();
  await client.query(`
    create function hold() returns event_trigger language plpgsql as $$
      declare filled boolean;
      begin
        if to_regclass('account') is null then return; end if;
        execute 'select exists (select from account)' into filled;
        if filled then perform pg_advisory_xact_lock(42); end if;
      end $$;
    create event trigger hold on ddl_command_start when tag in ('ALTER TABLE') execute function hold();
    select pg_advisory_lock(42)`);
  return {
    async isReached() {
      const waiting = "select 1 from pg_locks where locktype = 'advisory' and objid = 42 and not granted";
      return (await client.query(waiting)).rows.length > 0;
    },
    async letGo() {
      await client.query('drop event trigger hold; drop function hold()');
      await client.end();
    },
  };
}

describe('a move from the embedded database to PostgreSQL', () => {
  let server: RunningGatehouse;
  let life: EverydayLife;
  let target: TestDatabase;
  let folder: TempDir;

  beforeAll(async () => {
    server = await startGatehouse();
    life = await beginLife(server);
    target = await createDatabase();
    folder = await makeTempDir('move');
  }, 180_000);
  afterAll(async () => {
    await server.dispose();
    await target.drop();
    await folder.remove();
  });

  const move = (args: string[], settings: Record<string, string> = {}, input = '') =>
    gatehouse({ GATEHOUSE_DATA_DIR: server.dataDir, ...settings }, ['move', ...args], input);

  it('is refused beside a running server, and touches nothing', async () => {
    const { code, out, err } = await move(['--to', target.url]);
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(
      /^The data directory .* is in use by process \d+ since .*\.\nStop that process first/,
    );
    await expect(tablesIn(target)).resolves.toBe(0);
    await server.stop();
  });

  it.each<[string, () => Promise<Record<string, string>>, string]>([
    [
      'a database that is not empty',
      async () => {
        const full = await createDatabase();
        await query(full.superuserUrl, 'create table theirs (a text)');
        return { GATEHOUSE_DATABASE_URL: full.superuserUrl };
      },
      'The database is not empty: it has the tables theirs. Nothing was changed.',
    ],
    [
      'a database that is away',
      async () => ({ GATEHOUSE_DATABASE_URL: 'postgres://u:canary@127.0.0.1:1/x' }),
      'The database 127.0.0.1:1/x cannot be reached',
    ],
    ['nowhere', async () => ({}), 'Nothing says where to.'],
    [
      'a server with other keys',
      async () => ({ GATEHOUSE_DATABASE_URL: target.url, ...makeSecrets() }),
      'The signing keys in the database cannot be decrypted with GATEHOUSE_ENCRYPTION_KEYS.',
    ],
    [
      'a database from a folder without one',
      async () => ({ GATEHOUSE_DATA_DIR: folder.path, GATEHOUSE_DATABASE_URL: target.url }),
      'There is no database in',
    ],
  ])('is refused to %s, in words that say what to do', async (_where, settings, message) => {
    const { code, out, err } = await move([], await settings());
    expect(code).not.toBe(0);
    expect([out, err.slice(0, message.length)]).toEqual(['', message]);
    expect(err).toMatch(/^.+\n.+\n$/);
    expect(err).not.toContain('canary');
    expect(readdirSync(folder.path)).toEqual([]);
    await expect(tablesIn(target)).resolves.toBe(0);
  });

  it('leaves nothing there when it is killed after the last row', async () => {
    const holder = await holdBeforeRules(target);
    const killed = startKept(process.execPath, ['server/gatehouse.js', 'move', '--to', target.url], {
      cwd: projectFolder,
      env: cleanEnvironment({ GATEHOUSE_DATA_DIR: server.dataDir }),
    });
    await waitFor('all rows are there', holder.isReached, { within: 60_000 });
    killed.send('SIGKILL');
    await killed.ended;
    await holder.letGo();
    await waitFor('it is undone', async () => (await tablesIn(target)) === 0);
    expect(existsSync(join(server.dataDir, 'moved.json'))).toBe(false);
  });

  it('brings everything over and says what to do next', async () => {
    const urlFile = join(folder.path, 'url');
    writeFileSync(urlFile, `${target.url}\n`);
    const { code, out, err } = await move(['--to-file', urlFile]);
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/^TABLE +ROWS\n/);
    expect(out).toMatch(/\nMoved \d+ tables, [\d,]+ rows to 127\.0\.0\.1:\d+\/test_\w+ and compared them;/);
    expect(out).toContain(join(server.dataDir, 'secrets.json'));
  });

  it('is noticed by nobody: sessions, tokens, secrets and passwords are what they were', async () => {
    server = await server.startAgain({ database: target });
    await goOn(server, life);
  });

  it('is in the audit log', async () => {
    const client = new pg.Client({ connectionString: target.superuserUrl });
    await client.connect();
    const { rows } = await client.query(
      "select data ->> 'to' as to from audit_event where type = 'database.moved'",
    );
    await client.end();
    expect(rows).toEqual([{ to: expect.stringMatching(/^127\.0\.0\.1:\d+\/test_/) }]);
  });

  it('leaves an old database on which no server starts by mistake', async () => {
    const refusal =
      /^The database in .* was moved to 127\.0\.0\.1:\d+\/test_\w+ on 2.*\nSet GATEHOUSE_DATABASE_URL/;
    for (const args of [
      ['user', 'list'],
      ['move', '--to', target.url],
      ['backup', join(folder.path, 'x')],
    ]) {
      const { code, err } = await gatehouse({ GATEHOUSE_DATA_DIR: server.dataDir }, args);
      expect([code, err]).toEqual([1, expect.stringMatching(refusal)]);
    }
    expect(existsSync(join(folder.path, 'x'))).toBe(false);
    rmSync(join(server.dataDir, 'moved.json'));
    const { code } = await gatehouse({ GATEHOUSE_DATA_DIR: server.dataDir }, ['user', 'list']);
    expect(code).toBe(0);
  });

  it('may be followed by one to production: the secrets as files', async () => {
    const directory = join(folder.path, 'secrets');
    const { code, out } = await gatehouse({ GATEHOUSE_DATA_DIR: server.dataDir }, [
      'secrets',
      'export',
      directory,
    ]);
    expect(code).toBe(0);
    const settings = Object.fromEntries(
      out
        .trimEnd()
        .split('\n')
        .map((line) => line.split('=')),
    );
    expect(Object.keys(settings)).toHaveLength(3);
    for (const path of Object.values<string>(settings)) expect(statSync(path).mode & 0o777).toBe(0o600);
    const kept = JSON.parse(readFileSync(join(server.dataDir, 'secrets.json'), 'utf8'));
    expect(readFileSync(settings.GATEHOUSE_COOKIE_KEYS_FILE ?? '', 'utf8')).toBe(`${kept.cookieKeys}\n`);
    // Another data directory: nothing but the files gives the server its keys.
    server = await server.startAgain({ dataDir: join(folder.path, 'new'), env: settings });
    const { status } = await server.admin('GET', 'users');
    expect(status).toBe(200);
    await life.person
      .visit(life.app.begin({ prompt: 'none' }).url)
      .then((seen) => expect(seen.url.searchParams.get('code')).not.toBeNull());
    const again = await gatehouse({ GATEHOUSE_DATA_DIR: join(folder.path, 'new') }, [
      'secrets',
      'export',
      directory,
    ]);
    expect([again.code, again.out]).toEqual([1, '']);
  });
});
