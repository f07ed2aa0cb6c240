import { open } from 'node:fs/promises';
import type { ImportReport } from '../../server/accounts/import/import-store.ts';
import { StartError, systemCodeOf } from '../../server/errors.ts';

/** Counts what a report would have, where none is wanted. */
export const noReport: ImportReport = { writeAt: async (position) => position };

/**
 * A report of the rows that were refused, readable by this user alone: addresses of people may be told by where they stand.
 *
 * @throws StartError when it cannot be written
 */
export async function openReport(path: string): Promise<ImportReport & { close(): Promise<void> }> {
  const handle = await open(path, 'a+', 0o600)
    .then(async (created) => {
      await created.close();
      return open(path, 'r+');
    })
    .catch((cause: unknown) => {
      throw new StartError(
        `The report ${path} cannot be written (${systemCodeOf(cause)}). Nothing was changed.`,
        'Check the path and who may write there.',
        1,
        cause,
      );
    });
  return {
    async writeAt(position, lines) {
      const text = Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(''), 'utf8');
      await handle.truncate(position);
      for (let done = 0; done < text.length; ) {
        const { bytesWritten } = await handle.write(text, done, text.length - done, position + done);
        done += bytesWritten;
      }
      await handle.datasync();
      return position + text.length;
    },
    close: () => handle.close(),
  };
}
