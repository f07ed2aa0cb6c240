import type { Actor, AuditLog } from '../audit/event.ts';
import type { Clock } from '../clock.ts';
import type { NamedKey } from '../keys/key-list.ts';
import type { ContentSource, Contents, OnRows } from './contents.ts';
import type { PortableDescription } from './portable-file.ts';
import { changeRows, changeSealed, makeIsPortable, type Sealer } from './portable-rows.ts';

/** An export that is being made. Nothing has its name until `finish`. */
export interface PortableDraft {
  /** Writes everything; called again, from the start. */
  put(about: PortableDescription, contents: Pick<Contents, 'batches'>, onRows: OnRows): Promise<void>;
  /** As BackupDraft.finish. */
  finish(): Promise<number>;
  discard(): Promise<void>;
}

export interface ExportAllDeps {
  /** Of the portable tables alone. */
  source: ContentSource;
  draft: PortableDraft;
  /** Every key that a password of this server may have been made with. */
  passwordKeys(): Promise<readonly NamedKey[]>;
  sealer: Sealer;
  audit: AuditLog;
  clock: Clock;
  /** The version of this program. */
  version: string;
}

export interface ExportReport {
  madeAt: Date;
  tables: Record<string, number>;
  bytes: number;
}

/**
 * Writes people and clients, as they are at one moment, into an encrypted file, with the keys without which the passwords in it
 * would be worth nothing; all or nothing.
 *
 * @throws StartError when they cannot be read or written; there is no file then
 */
export const makeExportAll =
  ({ source, draft, passwordKeys, sealer, audit, clock, version }: ExportAllDeps) =>
  async ({ by, onRows }: { by: Actor; onRows: OnRows }): Promise<ExportReport> => {
    try {
      const madeAt = clock.now();
      const keys = await passwordKeys();
      const tables = await source.read(async ({ layout, batches }) => {
        const counted = Object.fromEntries(layout.tables.map(({ name }) => [name, 0]));
        const count: OnRows = (table, rows) => {
          counted[table] = (counted[table] ?? 0) + rows;
          onRows(table, rows);
        };
        const about: PortableDescription = {
          export: 1,
          madeAt: madeAt.toISOString(),
          gatehouse: version,
          passwordKeys: keys.map(({ id, key }) => ({ id, key: key.toString('base64') })),
          layout,
        };
        const isPortable = makeIsPortable();
        const opened = () =>
          changeRows(batches(), layout.tables, (row) => {
            if (!isPortable(row)) return false;
            changeSealed(row, 'open', sealer);
            return true;
          });
        await draft.put(about, { batches: opened }, count);
        return counted;
      });
      await audit.append({ type: 'people.exported' }, by);
      return { madeAt, tables, bytes: await draft.finish() };
    } finally {
      await draft.discard();
    }
  };
