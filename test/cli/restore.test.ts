import { chmodSync, cpSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { beginBackup } from '../../adapters/backup-file/draft.ts';
import { openBackup } from '../../adapters/backup-file/read.ts';
import type { BackupDescription } from '../../server/backup/backup-file.ts';
import { makeSecrets, type RunningGatehouse, startGatehouse } from '../support/gatehouse.ts';
import { createDatabase } from '../support/postgres.ts';
import { makeTempDir, type TempDir } from '../support/temp-dir.ts';
import { beginLife, type EverydayLife, goOn, startOver } from './everyday-life.ts';
import { gatehouse } from './gatehouse-command.ts';

describe.each(['embedded', 'postgres'] as const)('a backup of a server on the %s database', (database) => {
  let server: RunningGatehouse;
  let life: EverydayLife;
  let folder: TempDir;
  let file: string;

  beforeAll(async () => {
    server = await startGatehouse({ database });
    life = await beginLife(server);
    folder = await makeTempDir('restore');
    file = join(folder.path, 'gatehouse.backup');
  }, 180_000);
  afterAll(async () => {
    await server.dispose();
    await folder.remove();
  });

  const settingsOf = (dataDir: string, url?: string): Record<string, string> => ({
    GATEHOUSE_DATA_DIR: dataDir,
    ...(url === undefined ? {} : { GATEHOUSE_DATABASE_URL: url }),
  });
  const own = () =>
    settingsOf(server.dataDir, server.database === 'embedded' ? undefined : server.database.url);

  it('is made beside the running server, which goes on', async () => {
    let written = 0;
    let over = false;
    const writing = (async () => {
      while (!over) {
        written += 1;
        const made = await server.admin('POST', 'users', { email: `writer-${written}@example.org` });
        expect(made.status).toBe(201);
      }
    })();
    const { code, out, err } = await gatehouse(own(), ['backup', file, '--json']);
    over = true;
    await writing;
    expect([code, err]).toEqual([0, '']);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const report = JSON.parse(out);
    expect(report).toMatchObject({ file, secrets: 'included', bytes: statSync(file).size });
    expect(report.tables.account).toBeGreaterThan(2);
    expect('pause' in report).toBe(database === 'embedded');
  });

  it('never replaces a file', async () => {
    const before = readFileSync(file);
    const { code, err } = await gatehouse(own(), ['backup', file]);
    expect([code, err]).toEqual([
      1,
      `${file} exists already. Nothing was written.\nGive another name; a backup never replaces a file.\n`,
    ]);
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  it('holds whole transactions: nobody without the event that made them, no event without its person', async () => {
    const { batches, description, close } = await openBackup(file);
    const column = (table: string, name: string) =>
      description.layout.tables.find((one) => one.name === table)?.columns.indexOf(name) ?? -1;
    const [people, made] = [new Set<string>(), new Set<string>()];
    for await (const { table, rows } of batches()) {
      for (const row of rows.map((text): string[] => JSON.parse(text))) {
        if (table === 'account') people.add(row[column('account', 'id')] ?? '');
        if (table !== 'audit_event' || row[column('audit_event', 'type')] !== 'user.created') continue;
        made.add(row[column('audit_event', 'account_id')] ?? '');
      }
    }
    await close();
    expect(people.size).toBeGreaterThan(2);
    expect(people).toEqual(made);
  });

  it('is put back beside nothing that is there: not into the database of the server', async () => {
    const { code, out, err } = await gatehouse(own(), ['restore', file]);
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(
      database === 'embedded'
        ? /^The data directory .* is in use by process \d+ .*\nStop that process first/
        : /^The database is not empty: it has the tables .*Nothing was changed\.\nGive a new database/,
    );
  });

  it.each(['embedded', 'postgres'] as const)(
    'is a server again on a new %s database, where everybody goes on',
    async (kind) => {
      const dataDir = join(folder.path, `restored-${kind}`);
      const target = kind === 'postgres' ? await createDatabase() : ('embedded' as const);
      const settings = settingsOf(dataDir, target === 'embedded' ? undefined : target.url);
      const { code, out, err } = await gatehouse(settings, ['restore', file]);
      expect([code, out]).toEqual([0, expect.stringMatching(/\nRestored \d+ tables, [\d,]+ rows as of 2/)]);
      expect(err).toMatch(/^Everything is as it was then/);
      expect(statSync(dataDir).mode & 0o777).toBe(0o700);
      expect(statSync(join(dataDir, 'secrets.json')).mode & 0o777).toBe(0o600);
      const expected = kind === 'embedded' ? ['database', 'lock.sqlite', 'secrets.json'] : ['secrets.json'];
      expect(readdirSync(dataDir)).toEqual(expected);
      const restored = await server.startAgain({ dataDir, database: target });
      try {
        await goOn(restored, life);
      } finally {
        await restored.dispose();
      }
    },
  );

  it('is a server where everybody signs in anew, when that is asked for', async () => {
    const target = await createDatabase();
    const dataDir = join(folder.path, 'ended');
    const { code, err } = await gatehouse(settingsOf(dataDir, target.url), [
      'restore',
      '--end-sessions',
      file,
    ]);
    expect([code, err]).toEqual([0, expect.stringMatching(/^Every session, grant and token has been ended/)]);
    const restored = await server.startAgain({ dataDir, database: target });
    try {
      await startOver(restored, life);
    } finally {
      await restored.dispose();
    }
  });
});

describe('a backup that cannot be put back', () => {
  let used: TempDir;
  let folder: TempDir;
  let file: string;
  let dataDir: string;

  beforeAll(async () => {
    used = await makeTempDir('used');
    const server = await startGatehouse({ dataDir: used.path });
    await server.stop();
    file = join(used.path, 'whole.backup');
    expect((await gatehouse({ GATEHOUSE_DATA_DIR: used.path }, ['backup', file])).code).toBe(0);
    const without = join(used.path, 'without.backup');
    expect(
      (await gatehouse({ GATEHOUSE_DATA_DIR: used.path }, ['backup', '--without-secrets', without])).code,
    ).toBe(0);
    folder = await makeTempDir('refused');
    dataDir = join(folder.path, 'data');
  }, 180_000);
  afterAll(async () => {
    await used.remove();
    await folder.remove();
  });

  const restore = (path: string, settings: Record<string, string> = {}) =>
    gatehouse({ GATEHOUSE_DATA_DIR: dataDir, ...settings }, ['restore', path]);

  /** The same backup with another description, whole and with its checksum. */
  async function rewrite(
    name: string,
    change: (description: BackupDescription) => BackupDescription,
  ): Promise<string> {
    const { description, batches, close } = await openBackup(file);
    const path = join(used.path, name);
    const draft = await beginBackup(path);
    await draft.put(change(description), { layout: description.layout, batches }, () => {});
    await draft.finish();
    await close();
    return path;
  }

  it.each<[string, () => Promise<string>, RegExp, Record<string, string>]>([
    [
      'is cut off',
      async () => {
        const path = join(used.path, 'cut.backup');
        writeFileSync(path, readFileSync(file).subarray(0, -100));
        return path;
      },
      /is cut off: it has \d+ of \d+ bytes\. Nothing was changed\.\nUse another backup/,
      {},
    ],
    [
      'is damaged',
      async () => {
        const path = join(used.path, 'damaged.backup');
        const bytes = readFileSync(file);
        bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
        writeFileSync(path, bytes);
        return path;
      },
      /is damaged: .* Nothing was changed\.\nUse another backup/,
      {},
    ],
    [
      'is missing',
      async () => join(used.path, 'missing.backup'),
      /cannot be read \(ENOENT\)\.\nCheck the path/,
      {},
    ],
    [
      'has a newer schema',
      () =>
        rewrite('newer.backup', (description) => ({
          ...description,
          layout: {
            ...description.layout,
            migrations: [...description.layout.migrations, { number: 9000, name: 'future' }],
          },
        })),
      /^The data has schema version 9000, this program knows up to \d+\. Nothing was changed\.\nUse the version/,
      {},
    ],
    [
      'was made by a server with other keys',
      async () => file,
      /^These are not the keys that the data was used with\. Nothing was changed\.\nGATEHOUSE_ENCRYPTION_KEYS lacks the key \w{8}: [^\n]*\n.*\n.*\nSet the keys/,
      makeSecrets(),
    ],
    [
      'has no secrets, and there are none',
      async () => join(used.path, 'without.backup'),
      /^The backup was made without secrets, and GATEHOUSE_ENCRYPTION_KEYS is not set\. Nothing was changed\.\nSet /,
      {},
    ],
  ])('because it %s changes nothing, and says what to do', async (_why, make, words, settings) => {
    const { code, out, err } = await restore(await make(), settings);
    expect([code, out]).toEqual([Object.keys(settings).length > 0 ? 78 : 1, '']);
    expect(err).toMatch(words);
    const left = existsSync(dataDir) ? readdirSync(dataDir) : [];
    expect(left.filter((name) => name !== 'lock.sqlite')).toEqual([]);
  });

  it('because there is a database already changes nothing, and says what to do', async () => {
    const before = readdirSync(used.path);
    const { code, err } = await gatehouse({ GATEHOUSE_DATA_DIR: used.path }, ['restore', file]);
    expect([code, err]).toEqual([
      1,
      `There is a database in ${used.path} already. Nothing was changed.\nGive an empty or new directory in GATEHOUSE_DATA_DIR, or move the old one away first.\n`,
    ]);
    expect(readdirSync(used.path)).toEqual(before);
  });

  it('because others may write where it goes changes nothing', async () => {
    const open = join(folder.path, 'open');
    cpSync(join(used.path, 'secrets.json'), join(open, 'theirs'), { recursive: true });
    chmodSync(open, 0o777);
    const { code, err } = await gatehouse({ GATEHOUSE_DATA_DIR: open }, ['restore', file]);
    expect([code, err]).toEqual([1, expect.stringContaining('other users may write into it')]);
    expect(readdirSync(open)).toEqual(['theirs']);
  });

  it('without secrets goes well once they are brought', async () => {
    const brought = join(folder.path, 'brought');
    cpSync(join(used.path, 'secrets.json'), join(brought, 'secrets.json'), { recursive: true });
    const { code } = await gatehouse({ GATEHOUSE_DATA_DIR: brought }, [
      'restore',
      join(used.path, 'without.backup'),
    ]);
    expect(code).toBe(0);
    expect(
      readFileSync(join(brought, 'secrets.json')).equals(readFileSync(join(used.path, 'secrets.json'))),
    ).toBe(true);
  });

  it('says so, and makes nothing, when there is no database to make it of', async () => {
    const nothing = join(folder.path, 'nothing');
    const path = join(folder.path, 'x.backup');
    const { code, err } = await gatehouse({ GATEHOUSE_DATA_DIR: nothing }, ['backup', path]);
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(/^There is no database in .*\. Nothing was done\.\nSet /),
    ]);
    expect([existsSync(nothing), existsSync(path)]).toEqual([false, false]);
  });

  it('is not made of a database that is empty', async () => {
    const database = await createDatabase();
    const path = join(folder.path, 'x.backup');
    const settings = {
      GATEHOUSE_DATA_DIR: join(folder.path, 'beside'),
      GATEHOUSE_DATABASE_URL: database.url,
    };
    const { code, err } = await gatehouse(settings, ['backup', path]);
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(/^There is nothing to read: .*\nCheck GATEHOUSE_DATA_DIR/),
    ]);
    expect(existsSync(path)).toBe(false);
    await database.drop();
  });

  it('is not made with keys that do not fit the data', async () => {
    const path = join(folder.path, 'x.backup');
    const settings = { GATEHOUSE_DATA_DIR: used.path, ...makeSecrets() };
    const { code, err } = await gatehouse(settings, ['backup', path]);
    expect([code, err]).toEqual([
      78,
      expect.stringMatching(/^The signing keys in the database cannot be decrypted/),
    ]);
    expect(existsSync(path)).toBe(false);
  });
});
