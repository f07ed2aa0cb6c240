import { describe, expect, it } from '@jest/globals';
import type { BackupDraft } from '../../../server/backup/backup-file.ts';
import type { ContentSource } from '../../../server/backup/contents.ts';
import { type MakeBackupDeps, makeBackup } from '../../../server/backup/make-backup.ts';
import { StartError } from '../../../server/errors.ts';
import { aDescription, contentsOf } from '../../adapters/backup-file/builders.ts';

const noSecrets = { encryptionKeys: [], cookieKeys: [], passwordKeys: [] };
const by = { kind: 'operator', id: 'root' } as const;
const none = (): void => {};

/** A backup of two rows that notes what happens in which order; `changes` replaces parts of it. */
function aBackup(changes: Partial<MakeBackupDeps> = {}) {
  const happened: string[] = [];
  const note = (what: string) => async (): Promise<void> => void happened.push(what);
  const source: ContentSource = {
    async read(work) {
      happened.push('read');
      const result = await work(contentsOf([{ table: 'account', rows: ['["1"]', '["2"]'] }]));
      happened.push('transaction over');
      return result;
    },
  };
  const draft: BackupDraft = {
    async put(_description, { batches }, onRows) {
      for await (const { table, rows } of batches()) onRows(table, rows.length);
      happened.push('put');
    },
    async finish() {
      happened.push('finish');
      return 123;
    },
    discard: note('discard'),
  };
  const deps = {
    source,
    draft,
    audit: { append: async ({ type }: { type: string }) => void happened.push(type) },
    clock: { now: () => new Date(aDescription.madeAt) },
    version: '0.1.0',
    ...changes,
  };
  return { happened, make: makeBackup(deps) };
}

/** A draft whose writing hangs until it is told to end. */
const hanging: BackupDraft = {
  put: (_description, _contents, _onRows, signal) =>
    new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(new Error('aborted')))),
  finish: async () => 0,
  discard: async () => {},
};

describe('making a backup', () => {
  it('reads first, and makes the file durable when nobody has to wait any more', async () => {
    const { happened, make } = aBackup();
    const seen: [string, number][] = [];
    const report = await make({
      secrets: noSecrets,
      toInclude: null,
      by,
      onRows: (table, rows) => seen.push([table, rows]),
    });
    expect(report).toMatchObject({ bytes: 123, schemaVersion: 1, tables: { account: 2, empty: 0, role: 0 } });
    expect(seen).toEqual([['account', 2]]);
    expect(happened).toEqual(['read', 'put', 'transaction over', 'database.backed_up', 'finish', 'discard']);
  });

  it('is given up, with the remedy, when others would have to wait too long', async () => {
    const { happened, make } = aBackup({ draft: hanging });
    await expect(
      make({ secrets: noSecrets, toInclude: null, by, onRows: none, longestPause: 20 }),
    ).rejects.toMatchObject({
      name: 'StartError',
      message: expect.stringMatching(/^The backup was given up after 0\.02 seconds.*there is no file\.$/),
      remedy: expect.stringContaining('--longest-pause'),
    });
    expect(happened).toEqual(['read']);
  });

  it.each([
    [
      'the database cannot be read',
      { source: { read: () => Promise.reject(new StartError('no', 'mend it')) } },
    ],
    ['the audit log cannot be written', { audit: { append: () => Promise.reject(new Error('no')) } }],
  ])('leaves nothing when %s', async (_why, changes) => {
    const { happened, make } = aBackup(changes);
    await expect(make({ secrets: noSecrets, toInclude: null, by, onRows: none })).rejects.toThrow('no');
    expect(happened).not.toContain('finish');
    expect(happened.at(-1)).toBe('discard');
  });
});
