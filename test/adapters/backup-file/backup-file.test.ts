import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { beginBackup } from '../../../adapters/backup-file/draft.ts';
import { openBackup } from '../../../adapters/backup-file/read.ts';
import type { RowBatch } from '../../../server/backup/contents.ts';
import { startKept } from '../../support/kept-process.ts';
import { makeTempDir, type TempDir } from '../../support/temp-dir.ts';
import { waitFor } from '../../support/wait-for.ts';
import { aDescription, contentsOf } from './builders.ts';

const none = (): void => {};
const endless = fileURLToPath(new URL('./endless-backup.ts', import.meta.url));

let folder: TempDir;
let path: string;
beforeEach(async () => {
  folder = await makeTempDir('backup');
  path = join(folder.path, 'gatehouse.backup');
});
afterEach(() => folder.remove());

const names = () => readdirSync(folder.path);

async function write(batches: readonly RowBatch[] = aFew): Promise<number> {
  const draft = await beginBackup(path);
  await draft.put(aDescription, contentsOf(batches), none);
  return draft.finish();
}

const aFew: RowBatch[] = [
  { table: 'account', rows: ['["1"]', '["2"]'] },
  { table: 'role', rows: ['["admin",null]'] },
];

/** All rows by table. */
async function read(): Promise<Record<string, string[]>> {
  const file = await openBackup(path);
  const found: Record<string, string[]> = {};
  for await (const { table, rows } of file.batches()) found[table] = [...(found[table] ?? []), ...rows];
  await file.close();
  return found;
}

describe('a backup file', () => {
  it('gives back what was put in: description, rows, their tables', async () => {
    await write();
    const { description, close } = await openBackup(path);
    await close();
    expect(description).toEqual(aDescription);
    await expect(read()).resolves.toEqual({ account: ['["1"]', '["2"]'], role: ['["admin",null]'] });
  });

  it('keeps rows whole whatever stands in them', async () => {
    const odd = ['\u2028', '\u2029', '\u0085', '\r', '\r\n', '\n', '{"table":"role"}', '😀', ''].map((text) =>
      JSON.stringify([text]),
    );
    const long = Array.from({ length: 2500 }, () => JSON.stringify([randomBytes(300).toString('base64')]));
    await write([
      { table: 'account', rows: odd },
      { table: 'account', rows: long },
      { table: 'role', rows: [JSON.stringify([randomBytes(700_000).toString('hex')])] },
    ]);
    const found = await read();
    expect(found.account).toEqual([...odd, ...long]);
    expect(found.role).toHaveLength(1);
  });

  it('can be read more than once', async () => {
    await write();
    const file = await openBackup(path);
    for (let round = 0; round < 3; round += 1) {
      const first = await file.batches()[Symbol.asyncIterator]().next();
      expect(first.value).toEqual(aFew[0]);
    }
    await file.close();
  });

  it('can be looked into without this program', async () => {
    await write();
    const looked = startKept('sh', [
      '-c',
      `head -n 1 "$1"; tail -n +2 "$1" | gunzip | tail -n +2`,
      'sh',
      path,
    ]);
    await looked.ended;
    expect(looked.stdout()).toMatch(
      /^gatehouse-backup 1 sha256:[0-9a-f]{64} length:\d{16}\n\{"table":"account"\}\n\["1"\]\n\["2"\]\n\{"table":"role"\}\n\["admin",null\]\n$/,
    );
  });

  it('is written from the start when it is put once more', async () => {
    const draft = await beginBackup(path);
    await draft.put(
      aDescription,
      contentsOf([{ table: 'account', rows: [`["${'long'.repeat(1000)}"]`] }]),
      none,
    );
    await draft.put(aDescription, contentsOf(aFew), none);
    await draft.finish();
    await expect(read()).resolves.toEqual({ account: ['["1"]', '["2"]'], role: ['["admin",null]'] });
  });
});

describe('a backup file that is not as it was written', () => {
  it('is refused whichever of its bytes is another one', async () => {
    await write();
    const whole = readFileSync(path);
    for (let at = 0; at < whole.length; at += 1) {
      const changed = Buffer.from(whole);
      changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8));
      writeFileSync(path, changed);
      await expect(openBackup(path)).rejects.toMatchObject({ name: 'StartError', exitCode: 1 });
    }
  });

  it('is refused wherever it ends too early', async () => {
    await write();
    const whole = readFileSync(path);
    for (let length = 0; length < whole.length; length += 1) {
      writeFileSync(path, whole.subarray(0, length));
      await expect(openBackup(path)).rejects.toThrow(/is cut off|is not a backup/);
    }
  });

  it.each<[string, (whole: Buffer) => Buffer | string, string]>([
    ['has something behind its end', (whole) => Buffer.concat([whole, Buffer.from('x')]), 'is damaged'],
    ['ends too early', (whole) => whole.subarray(0, -10), 'is cut off: it has'],
    ['is empty', () => '', 'is not a backup of Gatehouse'],
    ['is something else', () => 'PGDMP and so on', 'is not a backup of Gatehouse'],
    [
      'is of a later form',
      (whole) => whole.toString('latin1').replace('backup 1', 'backup 2'),
      'another version of Gatehouse',
    ],
  ])('says what is wrong and what to do when it %s', async (_what, change, message) => {
    await write();
    writeFileSync(path, change(readFileSync(path)), 'latin1');
    await expect(openBackup(path)).rejects.toMatchObject({
      message: expect.stringMatching(new RegExp(`^${path} .*${message}.* Nothing was changed\\.$`)),
      remedy: expect.stringMatching(/^(?:Use|Give) /),
    });
  });

  it.each([
    ['is missing', () => {}, 'cannot be read (ENOENT)'],
    ['is a folder', () => mkdirSync(path), /is not a backup|EISDIR/],
  ])('says so when it %s', async (_what, make, message) => {
    make();
    await expect(openBackup(path)).rejects.toThrow(message);
  });
});

describe('making a backup file', () => {
  it('lets nobody else read it, from its first byte on and whatever the umask', async () => {
    const before = process.umask(0);
    try {
      const draft = await beginBackup(path);
      const modes = () => names().map((name) => (statSync(join(folder.path, name)).mode & 0o777).toString(8));
      expect(modes()).toEqual(['600']);
      await draft.put(aDescription, contentsOf(aFew), () => expect(modes()).toEqual(['600']));
      await draft.finish();
      expect(modes()).toEqual(['600']);
    } finally {
      process.umask(before);
    }
  });

  it('gives it its name only when it is complete', async () => {
    const draft = await beginBackup(path);
    await draft.put(aDescription, contentsOf(aFew), none);
    expect(names()).toEqual([expect.stringMatching(/^gatehouse\.backup\.[0-9a-f]{8}\.part$/)]);
    const size = await draft.finish();
    expect(names()).toEqual(['gatehouse.backup']);
    expect(statSync(path).size).toBe(size);
  });

  it.each([
    ['a file', () => writeFileSync(path, 'theirs')],
    ['a folder', () => mkdirSync(path)],
    ['a link to nowhere', () => symlinkSync('/nowhere', path)],
  ])('never replaces %s', async (_what, make) => {
    make();
    await expect(beginBackup(path)).rejects.toMatchObject({
      message: `${path} exists already. Nothing was written.`,
      remedy: expect.stringContaining('Give another name'),
    });
    expect(names()).toEqual(['gatehouse.backup']);
  });

  it('never replaces what somebody has put there meanwhile', async () => {
    const draft = await beginBackup(path);
    await draft.put(aDescription, contentsOf(aFew), none);
    writeFileSync(path, 'theirs');
    await expect(draft.finish()).rejects.toThrow('exists already');
    expect(readFileSync(path, 'utf8')).toBe('theirs');
    expect(names()).toEqual(['gatehouse.backup']);
  });

  it('leaves nothing when what is to be written cannot be read', async () => {
    const draft = await beginBackup(path);
    const broken = {
      ...contentsOf(aFew),
      async *batches() {
        yield { table: 'account', rows: ['["1"]'] };
        throw new Error('the database is gone');
      },
    };
    await expect(draft.put(aDescription, broken, none)).rejects.toThrow('the database is gone');
    await draft.discard();
    expect(names()).toEqual([]);
  });

  it('ends when it is told to, also while it waits for rows', async () => {
    const draft = await beginBackup(path);
    const stop = new AbortController();
    let closed = false;
    const waiting = {
      ...contentsOf([]),
      async *batches() {
        try {
          for (;;) yield { table: 'account', rows: ['["1"]'] };
        } finally {
          closed = true;
        }
      },
    };
    const put = draft.put(aDescription, waiting, () => stop.abort(), stop.signal);
    await expect(put).rejects.toMatchObject({ name: 'AbortError' });
    await waitFor('the rows are given up', () => closed);
    await draft.discard();
    expect(names()).toEqual([]);
  });

  it('says where it cannot be written', async () => {
    const missing = join(folder.path, 'missing', 'x.backup');
    await expect(beginBackup(missing)).rejects.toMatchObject({
      message: `The backup ${missing} cannot be written (ENOENT). There is none now.`,
    });
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('leaves nothing when %s ends it', async (signal) => {
    const program = startKept(process.execPath, [endless, path]);
    await waitFor('the backup has begun', () => program.stdout().includes('begun'));
    expect(names()).toHaveLength(1);
    program.send(signal);
    await expect(program.ended).resolves.toBeGreaterThan(128);
    expect(names()).toEqual([]);
  });

  it('leaves nothing when there is no room for it, and says so', async () => {
    // The shell's limit for files, in blocks of 512 or 1024 bytes: the system answers as for a full disk, with another code.
    const limited = ['-c', 'ulimit -f 500 && exec "$0" "$@"', process.execPath, endless, path];
    const program = startKept('sh', limited);
    await expect(program.ended).resolves.toBe(0);
    expect(program.stdout()).toBe(
      `begun\nThe backup ${path} cannot be written (EFBIG). There is none now.\n`,
    );
    expect(names()).toEqual([]);
  });
});
