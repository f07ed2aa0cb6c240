import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type EmbeddedDatabase, startEmbeddedDatabase } from '../../../adapters/embedded/database.ts';
import { isLocked, lockDataDirectory } from '../../../adapters/embedded/lock.ts';
import { readOrMakeSecrets } from '../../../adapters/embedded/secrets.ts';
import { findSocketDirectory } from '../../../adapters/embedded/socket.ts';
import { openDatabase } from '../../../adapters/postgres/connection/database.ts';
import { type KeptProcess, startKept } from '../../support/kept-process.ts';
import { makeTempDir, type TempDir } from '../../support/temp-dir.ts';
import { waitFor } from '../../support/wait-for.ts';

const program = fileURLToPath(new URL('./holder.ts', import.meta.url));

/** A data directory in which a server has been; copying it is quicker than making another. */
let used: TempDir;
let folder: TempDir;
let directory: string;
beforeAll(async () => {
  used = await makeTempDir('used');
  await (await startEmbeddedDatabase(used.path)).close();
});
afterAll(() => used.remove());
beforeEach(async () => {
  folder = await makeTempDir('embedded');
  directory = join(folder.path, 'data');
});
afterEach(() => folder.remove());

/** A process that holds the directory. */
async function hold(path = directory): Promise<KeptProcess> {
  const holder = startKept(process.execPath, [program, path]);
  const started = (): boolean => {
    if (!holder.alive()) throw new Error(`the holder ended:\n${holder.output()}`);
    return holder.stdout().includes('found');
  };
  await waitFor('the holder has started', started, { within: 60_000 });
  return holder;
}

async function kill(holder: KeptProcess): Promise<void> {
  holder.send('SIGKILL');
  await holder.ended;
}

async function ask(embedded: EmbeddedDatabase): Promise<unknown> {
  const database = openDatabase({
    where: { kind: 'socket', directory: embedded.socketDirectory },
    poolMax: 1,
    acquireTimeout: 10_000,
    connectTimeout: 10_000,
    statementTimeout: 10_000,
  });
  const { rows } = await database.current().raw('select 1 as one');
  await database.close();
  return rows;
}

describe('the lock on a data directory', () => {
  it('refuses a second process, names the first and since when it has it, and changes nothing', async () => {
    cpSync(used.path, directory, { recursive: true });
    const first = await hold();
    const before = snapshot(directory);
    const second = startKept(process.execPath, [program, directory]);
    await expect(second.ended).resolves.toBe(1);
    const [what, remedy, ...more] = second.stderr().trimEnd().split('\n');
    const since = /^The data directory (.*) is in use by process (\d+) since (.*)\.$/.exec(what ?? '');
    expect(since?.slice(1, 3)).toEqual([directory, String(first.pid)]);
    expect(Math.abs(Date.parse(since?.[3] ?? '') - Date.now())).toBeLessThan(60_000);
    expect(remedy).toMatch(/^Stop that process first, or give this one another GATEHOUSE_DATA_DIR\./);
    expect(more).toEqual([]);
    expect(snapshot(directory)).toEqual(before);
    await kill(first);
  });

  it('is seen by a look from outside, which writes nothing and ends with its holder, kill -9 included', async () => {
    expect(isLocked(directory)).toBe(false);
    expect(existsSync(directory)).toBe(false);
    cpSync(used.path, directory, { recursive: true });
    const holder = await hold();
    expect(isLocked(directory)).toBe(true);
    await kill(holder);
    expect(isLocked(directory)).toBe(false);
    const next = await hold();
    next.send('SIGTERM');
    await expect(next.ended).resolves.toBe(0);
    expect(existsSync(join(directory, 'lock-holder.json'))).toBe(false);
    expect(isLocked(directory)).toBe(false);
  });

  it('is not refused because somebody looks at it', () => {
    lockDataDirectory(directory).release();
    const looking = startKept(process.execPath, [
      '--input-type=module-typescript',
      '--eval',
      `import { isLocked } from ${JSON.stringify(new URL('../../../adapters/embedded/lock.ts', import.meta.url).href)};
       for (;;) isLocked(${JSON.stringify(directory)});`,
    ]);
    for (let round = 0; round < 200; round += 1) lockDataDirectory(directory).release();
    looking.send('SIGKILL');
    return looking.ended;
  });
});

describe('a data directory', () => {
  it('is its owner’s alone, with everything in it', async () => {
    const embedded = await startEmbeddedDatabase(directory);
    for (const name of ['.', 'database', 'database/base', 'database/pg_wal']) {
      expect([name, modeOf(join(directory, name))]).toEqual([name, 0o700]);
    }
    for (const name of ['secrets.json', 'lock.sqlite', 'lock-holder.json', 'database/PG_VERSION']) {
      expect([name, modeOf(join(directory, name))]).toEqual([name, 0o600]);
    }
    expect(modeOf(join(directory, '.s.PGSQL.5432')) & 0o077).toBe(0);
    await embedded.close();
  });

  it('that is there already with wider rights is closed, unless it is somebody else’s as well', async () => {
    mkdirSync(directory, { mode: 0o755 });
    lockDataDirectory(directory).release();
    expect(modeOf(directory)).toBe(0o700);

    const shared = join(folder.path, 'shared');
    mkdirSync(shared);
    writeFileSync(join(shared, 'of-somebody-else'), '');
    chmodSync(shared, 0o755);
    lockDataDirectory(shared).release();
    expect(modeOf(shared)).toBe(0o755);

    const open = join(folder.path, 'open');
    mkdirSync(open);
    writeFileSync(join(open, 'of-somebody-else'), '');
    chmodSync(open, 0o1777);
    expect(() => lockDataDirectory(open)).toThrow('other users may write into it');
    expect(modeOf(open)).toBe(0o1777);
    expect(readdirSync(open)).toEqual(['of-somebody-else']);
  });

  it('may have a path that is too long for a Unix socket', async () => {
    const long = join(directory, 'x'.repeat(60), 'y'.repeat(60));
    cpSync(used.path, long, { recursive: true });
    const embedded = await startEmbeddedDatabase(long);
    expect(embedded.socketDirectory).not.toBe(long);
    expect(findSocketDirectory(long)).toBe(embedded.socketDirectory);
    expect(modeOf(embedded.socketDirectory)).toBe(0o700);
    await expect(ask(embedded)).resolves.toEqual([{ one: 1 }]);
    await embedded.close();
    expect(existsSync(embedded.socketDirectory)).toBe(false);
    expect(existsSync(join(long, 'socket-directory'))).toBe(false);
  });

  it('that long leaves nothing elsewhere when its process was killed and the next one has started', async () => {
    const long = join(directory, 'x'.repeat(60), 'y'.repeat(60));
    cpSync(used.path, long, { recursive: true });
    await kill(await hold(long));
    const left = findSocketDirectory(long);
    expect(existsSync(left)).toBe(true);
    const next = await hold(long);
    expect(existsSync(left)).toBe(false);
    await kill(next);
  });

  it('that cannot be made ends the start in two lines, and leaves nothing', async () => {
    chmodSync(folder.path, 0o555);
    const child = startKept(process.execPath, [program, directory], asNobody());
    await expect(child.ended).resolves.toBe(1);
    expect(child.output().trimEnd().split('\n')).toEqual([
      expect.stringMatching(/^The data directory .* cannot be written: EACCES/),
      'Make it writable for this user, or give another one in GATEHOUSE_DATA_DIR.',
    ]);
    expect(readdirSync(folder.path)).toEqual([]);
    chmodSync(folder.path, 0o755);
  });

  it('that is a file ends the start as well', () => {
    writeFileSync(directory, 'a file');
    expect(() => lockDataDirectory(directory)).toThrow(/cannot be written: EEXIST/);
  });
});

describe('the secrets of a data directory', () => {
  it('are made once, whoever asks first', () => {
    mkdirSync(directory);
    const made = readOrMakeSecrets(directory);
    expect(readOrMakeSecrets(directory)).toEqual(made);
    const all = [...made.encryptionKeys, ...made.cookieKeys, ...made.passwordKeys].map(({ key }) => key);
    expect(new Set(all.map((key) => key.toString('hex'))).size).toBe(3);
    for (const key of all) expect(key).toHaveLength(32);
    expect(readdirSync(directory)).toEqual(['secrets.json']);
  });

  it.each([
    ['are empty', ''],
    ['are cut off', '{"encryptionKeys": "abc'],
    ['lack one', '{"encryptionKeys": "", "cookieKeys": ""}'],
    ['are no object', 'null'],
  ])('are not made anew when they %s', async (_what, text) => {
    mkdirSync(directory);
    writeFileSync(join(directory, 'secrets.json'), text);
    await expect(startEmbeddedDatabase(directory)).rejects.toMatchObject({
      name: 'StartError',
      exitCode: 1,
      message: `The secrets in ${join(directory, 'secrets.json')} are damaged.`,
      remedy: expect.stringContaining('from a backup'),
    });
    expect(readFileSync(join(directory, 'secrets.json'), 'utf8')).toBe(text);
    expect(existsSync(join(directory, 'database'))).toBe(false);
    expect(isLocked(directory)).toBe(false);
  });

  it('are not made anew for a database that has lost them', async () => {
    mkdirSync(join(directory, 'database'), { recursive: true });
    await expect(startEmbeddedDatabase(directory)).rejects.toMatchObject({
      message: expect.stringContaining('has lost its secrets'),
      remedy: expect.stringContaining('from a backup'),
    });
    expect(existsSync(join(directory, 'secrets.json'))).toBe(false);
  });
});

const modeOf = (path: string): number => statSync(path).mode & 0o7777;

/** Names, sizes and times of everything directly in a folder. */
function snapshot(path: string): unknown[] {
  return readdirSync(path).map((name) => {
    const { size, mtimeMs } = statSync(join(path, name));
    return [name, size, mtimeMs];
  });
}

/** Root may write everywhere, so it must be somebody else who may not. */
function asNobody(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const id = (flag: string) => Number(execFileSync('id', [flag, 'nobody']));
  return { uid: id('-u'), gid: id('-g') };
}
