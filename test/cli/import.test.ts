import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { cleanEnvironment, projectFolder } from '../support/gatehouse.ts';
import { createDatabase, type TestDatabase } from '../support/postgres.ts';
import { readRows } from '../support/rows.ts';
import { makeTempDir } from '../support/temp-dir.ts';
import { waitFor } from '../support/wait-for.ts';
import { gatehouse } from './gatehouse-command.ts';

const hash = `$2b$10$${'a'.repeat(53)}`;

describe('gatehouse import users', () => {
  let folder: string;
  let database: TestDatabase;
  let settings: Record<string, string>;
  beforeAll(async () => {
    folder = (await makeTempDir('import')).path;
    database = await createDatabase();
    settings = { GATEHOUSE_DATABASE_URL: database.url, GATEHOUSE_DATA_DIR: join(folder, 'data') };
    expect(await gatehouse(settings, ['migrate'])).toMatchObject({ code: 0 });
  }, 60_000);
  afterAll(() => database.drop());

  const write = (name: string, content: string | Buffer): string => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };
  let imports = 0;
  /** Runs an import with a report; the report's lines come parsed. */
  const importFile = async (format: string, content: string | Buffer, options: string[] = []) => {
    imports += 1;
    const [file, report] = [write(`file-${imports}`, content), join(folder, `report-${imports}`)];
    const args = ['import', 'users', '--format', format, '--json', '--report', report, ...options, file];
    const run = await gatehouse(settings, args);
    const text = readFileSync(report, 'utf8');
    const lines = text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as { row: number; at: string; field: string; reason: string });
    const counts = run.out === '' ? {} : (JSON.parse(run.out) as Record<string, unknown>);
    return { ...run, lines, text, counts };
  };
  const count = async (where: string): Promise<number> => {
    const [row] = await readRows<{ n: number }>(
      database.superuserUrl,
      `select count(*)::int as n from account where ${where}`,
    );
    return row?.n ?? -1;
  };
  const jsonLines = (rows: Record<string, unknown>[]): string =>
    rows.map((row) => JSON.stringify(row)).join('\n');

  it('goes on where it stood after kill -9, and has nobody twice', async () => {
    const amount = 40_000;
    const rows = Array.from({ length: amount }, (_, index) =>
      // Every thousandth is refused.
      index % 1000 === 500
        ? { email: 'nowhere', password_hash: hash }
        : {
            email: `killed-${index}@example.org`,
            preferred_username: `killed-${index}`,
            password_hash: hash,
          },
    );
    const [file, report] = [write('killed.jsonl', jsonLines(rows)), join(folder, 'killed.report')];
    const args = ['import', 'users', '--format', 'gatehouse', '--report', report, '--json', file];
    let position = 0;
    for (let kill = 0; kill < 2; kill += 1) {
      const child = spawn(process.execPath, ['server/gatehouse.js', ...args], {
        cwd: projectFolder,
        env: cleanEnvironment(settings),
        stdio: 'ignore',
      });
      position = await waitFor(
        'the import had gone on',
        async () => {
          const [row] = await readRows<{ position: string }>(
            database.superuserUrl,
            'select position from user_import',
          );
          return Number(row?.position ?? 0) > position ? Number(row?.position) : undefined;
        },
        { within: 60_000 },
      );
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    expect(position).toBeLessThan(amount);
    const { code, out, err } = await gatehouse(settings, args);
    expect([code, err]).toEqual([1, expect.stringContaining('It went on behind row')]);
    const [done] = [JSON.parse(out)];
    expect(done).toMatchObject({ rows: amount, imported: amount - 40, refused: 40, skipped: 0 });
    expect(done.resumedAt).toBeGreaterThanOrEqual(position);
    await expect(count("email like 'killed-%'")).resolves.toBe(amount - 40);
    const refused = readFileSync(report, 'utf8').trimEnd().split('\n');
    expect(refused.map((line) => JSON.parse(line).row)).toEqual(
      Array.from({ length: 40 }, (_, index) => index * 1000 + 501),
    );
    // Once more, there is nothing to do.
    const again = await gatehouse(settings, args);
    expect([again.code, again.err]).toEqual([0, expect.stringContaining('was imported already')]);
    await expect(count("email like 'killed-%'")).resolves.toBe(amount - 40);
  }, 180_000);

  it('writes nothing in a dry run, and finds what the import then finds', async () => {
    const rows = [
      { email: 'dry-1@example.org', password_hash: hash },
      { email: 'DRY-1@example.org' },
      { email: 'dry-2@example.org', roles: ['nobody-knows'] },
      { email: 'dry-3@example.org', password_hash: 'plain' },
      { email: 'dry-4@example.org' },
    ];
    const file = jsonLines(rows);
    const dry = await importFile('gatehouse', file, ['--dry-run']);
    expect(dry.counts).toMatchObject({ dryRun: true, imported: 2, refused: 3 });
    await expect(count("email ilike 'dry-%'")).resolves.toBe(0);
    const real = await importFile('gatehouse', file);
    expect(real.counts).toMatchObject({ dryRun: false, imported: 2, refused: 3 });
    expect(real.lines).toEqual(dry.lines);
    expect(real.lines.map(({ row, at, field }) => [row, at, field])).toEqual([
      [2, 'line 2', '(login name)'],
      [3, 'line 3', 'roles'],
      [4, 'line 4', 'password'],
    ]);
    const over = await importFile('gatehouse', file, ['--dry-run', '--on-conflict', 'skip']);
    expect(over.counts).toMatchObject({ imported: 0, skipped: 3, refused: 2 });
  });

  it('takes what is whole of a file of lines in which others are broken', async () => {
    const good = (name: string) => JSON.stringify({ email: `${name}@example.org`, password_hash: hash });
    const lines = [
      good('lines-1'),
      `{"email":"lines-2@example.org","password_hash":"${hash}`,
      `{"email":"lines-3@example.org","name":"${'x'.repeat(10 * 1024 * 1024)}"}`,
      '{"email":"lines-4@example.org","name":"a\\u0000b"}',
      good('lines-5').replace('lines-5', 'lines\0-5'),
      '["not", "a user"]',
      'null',
      '{"email":"lines-6@example.org","password":"canary-word"}',
      '{"email":"lines-6@example.org","is_admin":true}',
      '{"email":"lines-7@example.org","email":"lines-7@example.org\\r\\nBcc: x@example.org"}',
      '{"email":"lines-8@example.org","name":"\\ud800"}',
      '{"__proto__":{"email":"x"},"email":"lines-9@example.org","roles":["admin","=cmd|\' /C calc\'!A0"]}',
      good('lines-10'),
    ];
    const bytes = Buffer.concat([
      Buffer.from(`\ufeff${lines.join('\r\n')}\r\n`, 'utf8'),
      Buffer.from([0x7b, 0xff, 0xfe, 0x7d, 0x0a]),
    ]);
    const { code, lines: refused, counts, text } = await importFile('gatehouse', bytes);
    expect(code).toBe(1);
    expect(counts).toMatchObject({ rows: 14, imported: 2, refused: 12 });
    expect([...new Set(refused.map(({ row }) => row))]).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14]);
    await expect(count("email like 'lines%'")).resolves.toBe(2);
    // Never the hash, nor the password; and JSON in each line, whatever a name looks like.
    expect(text).not.toContain('$2b$');
    expect(text).not.toContain('canary-word');
    expect(text.length).toBeLessThan(10_000);
  });

  it('takes people once when spellings of their names are the same', async () => {
    const names = [
      'Straße-x',
      'STRASSE-X',
      'strasse-x',
      'ﬁsher-x',
      'fisher-x',
      'Ａda-x',
      'ada-x',
      'ÅSA-x',
      'a\u030asa-x',
    ];
    const rows = names.map((preferred_username) => ({ preferred_username }));
    const { counts, lines } = await importFile('gatehouse', jsonLines(rows));
    // Folded as people are when they sign up: ligatures, full width, composed and decomposed.
    expect(Number(counts.imported) + lines.length).toBe(names.length);
    const taken = await readRows<{ name: string }>(
      database.superuserUrl,
      "select name from login_name where name like '%-x'",
    );
    expect(new Set(taken.map(({ name }) => name.normalize('NFKC').toLowerCase())).size).toBe(taken.length);
    expect(taken.length).toBe(counts.imported);
    expect(lines.length).toBeGreaterThanOrEqual(3);
  });

  it('takes nobody whose user name looks like that of somebody else', async () => {
    // Cyrillic a in the second; the third is another name.
    const rows = ['paypal.look', 'p\u0430ypal.look', 'paypal.book'].map((preferred_username) => ({
      preferred_username,
    }));
    const { counts } = await importFile('gatehouse', jsonLines(rows));
    expect(counts).toMatchObject({ imported: 2, refused: 1 });
    const again = await importFile('gatehouse', jsonLines([{ preferred_username: 'pa\u0443pal.look' }]));
    expect(again.counts).toMatchObject({ imported: 0, refused: 1 });
  });

  it('does not let an import make work without end', async () => {
    const bombs = [
      `$2b$31$${'a'.repeat(53)}`,
      '$6$rounds=999999999$salt$'.padEnd(111, 'a'),
      `$pbkdf2-sha512$999999999$c2FsdA$${'A'.repeat(86)}`,
      `$argon2id$v=19$m=4194304,t=100,p=1$c2FsdHNhbHQ$${'A'.repeat(43)}`,
      `$scrypt$ln=30,r=8,p=1$c2FsdA$${'A'.repeat(43)}`,
    ];
    const rows = bombs.map((password_hash, index) => ({ email: `bomb-${index}@example.org`, password_hash }));
    const { lines, counts } = await importFile('gatehouse', jsonLines(rows));
    expect(counts).toMatchObject({ imported: 0, refused: bombs.length });
    for (const { field, reason } of lines)
      expect([field, reason]).toEqual(['password', expect.stringContaining('cost too much')]);
  });

  it.each([
    ['reset', 0, 2, 1],
    ['accept', 0, 2, 0],
    ['refuse', 1, 1, 0],
  ])('does with weak hashes what the setting says: %s', async (weak, code, imported, mustReset) => {
    const rows = [
      { email: `weak-${weak}@example.org`, password_hash: '{SSHA}W6ph5Mm5Pz8GgiULbPgzG37mj9hIWk+J' },
      { email: `strong-${weak}@example.org`, password_hash: hash },
    ];
    const run = await gatehouse({ ...settings, GATEHOUSE_IMPORT_WEAK_HASHES: weak }, [
      ...['import', 'users', '--format', 'gatehouse', '--json'],
      write(`weak-${weak}`, jsonLines(rows)),
    ]);
    expect(run.code).toBe(code);
    expect(JSON.parse(run.out)).toMatchObject({ imported, mustReset, refused: 2 - imported });
  });

  it('keeps what came before the place where a document is broken, and says where that is', async () => {
    const users = Array.from({ length: 1500 }, (_, index) => ({ username: `realm-${index}`, enabled: true }));
    const whole = JSON.stringify({ realm: 'shop', users });
    const cut = whole.slice(0, whole.indexOf('realm-1200'));
    const broken = await importFile('keycloak', `${cut}!!!`);
    expect([broken.code, broken.out]).toEqual([1, '']);
    expect(broken.err).toMatch(/The JSON is broken behind item 1[12]\d\d/);
    await expect(count("username like 'realm-%'")).resolves.toBe(1000);
    const mended = await importFile('keycloak', whole, ['--on-conflict', 'skip']);
    expect(mended.counts).toMatchObject({ imported: 500, skipped: 1000, refused: 0 });
    await expect(count("username like 'realm-%'")).resolves.toBe(1500);
  });

  it.each([
    ['keycloak', '{"realm":"shop"}', 'There are no users in this file'],
    ['keycloak', `{"users":[{"username":"${'x'.repeat(20 * 1024 * 1024)}"}]}`, 'The JSON is broken'],
    ['firebase', 'not json', 'The JSON is broken'],
    ['csv', 'surname,given_name\nx,y\n', 'no column for an e-mail address or user name'],
    ['csv', 'email,mail\nx@example.org,y@example.org\n', 'Two columns are taken for email'],
    ['csv', `email\n"${'x'.repeat(2 * 1024 * 1024)}\n`, 'The table is broken behind line'],
    ['csv', 'email,name\nquote@example.org,"x\n', 'The table is broken behind line'],
  ])('says what is wrong with a file of %s that cannot be read', async (format, content, why) => {
    const { code, err } = await importFile(format, content);
    expect([code, err]).toEqual([1, expect.stringContaining(why)]);
  });

  it('reads tables as they come, with columns of other names and formulas in their cells', async () => {
    const table = [
      'Mail;Login;Vorname;Rolle;Hash',
      `table-1@example.org;table-1;"=HYPERLINK(""http://x"")";;${hash}`,
      'table-2@example.org;table-2;Ada;"@SUM(1)";',
      'table-3@example.org;table-3',
      '',
    ].join('\r\n');
    const columns = [
      'email=Mail',
      'preferred_username=Login',
      'given_name=Vorname',
      'roles=Rolle',
      'password_hash=Hash',
    ];
    const options = ['--delimiter', ';', ...columns.flatMap((column) => ['--column', column])];
    const { counts, lines } = await importFile('csv', table, options);
    expect(counts).toMatchObject({ rows: 3, imported: 1, refused: 2 });
    expect(lines.map(({ at, field, reason }) => [at, field, reason])).toEqual([
      ['line 3', 'roles', 'No such role: "@SUM(1)".'],
      ['line 4', '(row)', 'This row has 2 columns, the head has 5.'],
    ]);
    await expect(count(`profile->>'given_name' = '=HYPERLINK("http://x")'`)).resolves.toBe(1);
  });

  it('reads standard input, too', async () => {
    const args = ['import', 'users', '--format', 'htpasswd', '-'];
    const { code, out } = await gatehouse(settings, args, `piped:${hash}\n# a remark\n`);
    expect([code, out]).toEqual([0, 'Imported 1 user of 1 row; skipped 0, refused 0.\n']);
  });

  it('lets people keep the id that they had, if it is one', async () => {
    const rows = [
      { sub: 'f81d4fae-7dec-11d0-a765-00a0c91e6bf6', email: 'kept-1@example.org' },
      { sub: 'auth0|12/../34', email: 'kept-2@example.org' },
      { email: 'kept-3@example.org' },
      { sub: 'f81d4fae-7dec-11d0-a765-00a0c91e6bf6', email: 'kept-4@example.org' },
    ];
    const { counts, lines } = await importFile('gatehouse', jsonLines(rows), ['--keep-ids']);
    expect(counts).toMatchObject({ imported: 1, refused: 3 });
    expect(lines.map(({ row, field }) => [row, field])).toEqual([
      [2, 'id'],
      [3, 'id'],
      [4, '(login name)'],
    ]);
    await expect(count("id = 'f81d4fae-7dec-11d0-a765-00a0c91e6bf6'")).resolves.toBe(1);
  });

  it.each([
    [['import', 'users', 'x'], '--format'],
    [['import', 'users', '--format', 'excel', 'x'], 'Allowed choices are gatehouse, csv, keycloak'],
    [['import', 'users', '--format', 'csv', '--column', 'email', 'x'], 'FIELD=COLUMN'],
    [['import', 'users', '--format', 'csv', '--delimiter', 'ab', 'x'], 'one character'],
  ])('is used wrongly: %j', async (args, why) => {
    const { code, err } = await gatehouse(settings, args);
    expect([code, err]).toEqual([2, expect.stringContaining(why)]);
  });
});
