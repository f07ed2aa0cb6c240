import type { Contents, Layout, OnRows, RowBatch } from './contents.ts';
import type { KeyCheck } from './key-check.ts';
import type { SecretTexts } from './secrets.ts';

/** What stands at the beginning of a backup. */
export interface BackupDescription {
  madeAt: string;
  /** The version of Gatehouse that made it. */
  gatehouse: string;
  /** The keys that the server had, by which others are told from them. */
  keys: KeyCheck;
  /** The secrets that the server had made for itself; null when they are given by settings, or were left out. */
  secrets: SecretTexts | null;
  layout: Layout;
}

/** A backup that is being made. Nothing has its name until `finish`. */
export interface BackupDraft {
  /**
   * Writes everything; called again, from the start.
   *
   * @param signal ends it early
   */
  put(
    description: BackupDescription,
    contents: Contents,
    onRows: OnRows,
    signal?: AbortSignal,
  ): Promise<void>;
  /** MUST be durable before the file gets its name, and MUST NOT replace a file that has that name. Returns its size in bytes. */
  finish(): Promise<number>;
  /** Leaves nothing behind; after `finish` it does nothing. */
  discard(): Promise<void>;
}

/** A backup whose every byte was found to be as it was written. */
export interface BackupFile {
  description: BackupDescription;
  batches(): AsyncIterable<RowBatch>;
}
