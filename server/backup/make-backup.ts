import type { Actor, AuditLog } from '../audit/event.ts';
import type { Clock } from '../clock.ts';
import { StartError } from '../errors.ts';
import type { BackupDraft } from './backup-file.ts';
import type { ContentSource, OnRows } from './contents.ts';
import { checkOf } from './key-check.ts';
import type { Secrets, SecretTexts } from './secrets.ts';

export interface MakeBackupDeps {
  source: ContentSource;
  draft: BackupDraft;
  audit: AuditLog;
  clock: Clock;
  /** The version of this program. */
  version: string;
}

export interface MakeBackupInput {
  /** All keys that the server has. */
  secrets: Secrets;
  /** Those that are to be in the file. */
  toInclude: SecretTexts | null;
  /** Milliseconds that reading may take where others have to wait for it. */
  longestPause?: number | undefined;
  by: Actor;
  onRows: OnRows;
}

export interface BackupReport {
  madeAt: Date;
  schemaVersion: number;
  tables: Record<string, number>;
  bytes: number;
  /** Milliseconds that reading the database took. */
  reading: number;
}

/**
 * Writes what the database holds at one moment into a file, all or nothing.
 *
 * @throws StartError when it cannot be read or written, or reading takes too long; there is no file then
 */
export const makeBackup =
  ({ source, draft, audit, clock, version }: MakeBackupDeps) =>
  async ({ secrets, toInclude, longestPause, by, onRows }: MakeBackupInput): Promise<BackupReport> => {
    try {
      const madeAt = clock.now();
      const read = await source.read(async (contents) => {
        const begun = performance.now();
        const { layout } = contents;
        const tables = Object.fromEntries(layout.tables.map(({ name }) => [name, 0]));
        const count: OnRows = (table, rows) => {
          tables[table] = (tables[table] ?? 0) + rows;
          onRows(table, rows);
        };
        const description = {
          madeAt: madeAt.toISOString(),
          gatehouse: version,
          keys: checkOf(secrets),
          secrets: toInclude,
          layout,
        };
        await withinPause(longestPause, (signal) => draft.put(description, contents, count, signal));
        return {
          tables,
          schemaVersion: layout.migrations.at(-1)?.number ?? 0,
          reading: performance.now() - begun,
        };
      });
      await audit.append({ type: 'database.backed_up', withSecrets: toInclude !== null }, by);
      return { madeAt, ...read, bytes: await draft.finish() };
    } finally {
      await draft.discard();
    }
  };

async function withinPause(
  longest: number | undefined,
  work: (signal: AbortSignal | undefined) => Promise<void>,
): Promise<void> {
  const signal = longest === undefined ? undefined : AbortSignal.timeout(longest);
  try {
    await work(signal);
  } catch (cause) {
    if (signal?.aborted !== true) throw cause;
    throw new StartError(
      `The backup was given up after ${Number(longest) / 1000} seconds, in which the running server had to wait. It goes on now; there is no file.`,
      'Stop the server and run the command again, or let it wait longer with --longest-pause.',
      1,
      cause,
    );
  }
}
