import type { Actor, AuditEvent } from '../audit/event.ts';
import type { BackupFile } from './backup-file.ts';
import type { Contents, FillReport, OnRows } from './contents.ts';
import { refuseOtherKeys } from './key-check.ts';
import { type ChosenSecrets, chooseSecrets, type KnownSecrets, type SecretTexts } from './secrets.ts';

export interface Restore {
  secrets: ChosenSecrets;
  event: AuditEvent;
  /** Ends every session, grant and token that came back. */
  endSessions: boolean;
  by: Actor;
  onRows: OnRows;
}

/** Where a backup goes: a data directory, or a PostgreSQL database with the secrets beside it. */
export interface RestorePlace {
  /** @throws StartError when it is in use or not empty */
  presentSecrets(): SecretTexts | undefined;
  /**
   * Fills it, keeps the secrets that are to be kept, and has the event in its audit log, all or nothing; a kill meanwhile
   * leaves it as it was.
   *
   * @throws StartError as ContentTarget.fill
   */
  fill(contents: Contents, restore: Restore): Promise<FillReport>;
}

export interface RestoreDeps {
  file: BackupFile;
  place: RestorePlace;
  /** The secrets that settings give. */
  given: KnownSecrets['given'];
}

export interface RestoreReport extends FillReport {
  madeAt: string;
  /** Whether the secrets of the backup were put into the data directory. */
  secretsKept: boolean;
}

/**
 * Puts a backup back.
 *
 * @throws StartError when the keys are not those of the backup or the place will not take it; nothing was changed then
 */
export const makeRestore =
  ({ file: { description, batches }, place, given }: RestoreDeps) =>
  async ({ by, endSessions, onRows }: Omit<Restore, 'secrets' | 'event'>): Promise<RestoreReport> => {
    const known = { given, brought: description.secrets ?? undefined, present: place.presentSecrets() };
    const secrets = chooseSecrets(known);
    refuseOtherKeys(description.keys, secrets.secrets);
    const { madeAt, layout } = description;
    const event = { type: 'database.restored' as const, madeAt, sessionsEnded: endSessions };
    const report = await place.fill({ layout, batches }, { secrets, event, by, endSessions, onRows });
    return { ...report, madeAt, secretsKept: secrets.toKeep !== undefined };
  };
