import type { BackupDescription } from '../../../server/backup/backup-file.ts';
import type { Contents, RowBatch } from '../../../server/backup/contents.ts';

export const aDescription: BackupDescription = {
  madeAt: '2026-11-24T12:00:00.000Z',
  gatehouse: '0.1.0',
  keys: { encryptionKeys: [{ id: 'a', check: 'b' }], cookieKeys: [], passwordKeys: [] },
  secrets: { encryptionKeys: 'secret one', cookieKeys: 'secret two', passwordKeys: 'secret three' },
  layout: {
    migrations: [{ number: 1, name: 'initial' }],
    tables: [
      { name: 'account', columns: ['id'], partitions: [{ name: 'account_1', bounds: 'DEFAULT' }] },
      { name: 'empty', columns: [], partitions: [] },
      { name: 'role', columns: ['name', 'words'], partitions: [] },
    ],
    sequences: { account_id_seq: '9007199254740993' },
  },
};

/** Contents with these rows. */
export function contentsOf(batches: readonly RowBatch[]): Contents {
  return {
    layout: aDescription.layout,
    async *batches() {
      yield* batches;
    },
  };
}
