import { existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { SecretTexts } from '../../server/backup/secrets.ts';
import { StartError } from '../../server/errors.ts';
import { lockDataDirectory, unusable } from './lock.ts';
import { databaseIn, draftPrefix } from './make-database.ts';
import { refuseMoved } from './moved.ts';
import { placeSecrets, readSecretTexts, syncDirectory } from './secrets.ts';

/**
 * Makes the database of a data directory that has none: `fill` gets another, new data directory with the same secrets and
 * must have closed its database when it is done. Only then does the database appear, whole; a kill before leaves what the
 * next start of a server removes.
 *
 * @param secrets for a data directory that has none; made up if there are none either
 * @throws StartError when the directory is in use, has a database or cannot be written; nothing is changed then
 */
export async function fillDataDirectory<Result>(
  dataDirectory: string,
  secrets: SecretTexts | undefined,
  fill: (draftDirectory: string) => Promise<Result>,
): Promise<Result> {
  const lock = lockDataDirectory(dataDirectory);
  try {
    refuseFull(dataDirectory);
    const draft = mkdtempSync(join(dataDirectory, draftPrefix));
    try {
      const known = readSecretTexts(dataDirectory) ?? secrets;
      if (known !== undefined) placeSecrets(draft, known);
      const result = await fill(draft);
      keep(draft, dataDirectory);
      return result;
    } finally {
      rmSync(draft, { recursive: true, force: true });
    }
  } finally {
    lock.release();
  }
}

/** The secrets first: a database without them is lost, they without it harm nobody. */
function keep(draft: string, dataDirectory: string): void {
  const secrets = readSecretTexts(draft);
  try {
    if (secrets !== undefined) placeSecrets(dataDirectory, secrets);
    renameSync(databaseIn(draft), databaseIn(dataDirectory));
    syncDirectory(dataDirectory);
  } catch (cause) {
    throw unusable(dataDirectory, cause);
  }
}

/** @throws StartError when the directory has a database, or had one that was moved */
export function refuseFull(dataDirectory: string): void {
  refuseMoved(dataDirectory);
  if (!existsSync(databaseIn(dataDirectory))) return;
  throw new StartError(
    `There is a database in ${dataDirectory} already. Nothing was changed.`,
    'Give an empty or new directory in GATEHOUSE_DATA_DIR, or move the old one away first.',
  );
}

/** @throws StartError when the directory has no database: opening it would make one */
export function refuseEmpty(dataDirectory: string): void {
  if (existsSync(databaseIn(dataDirectory))) return;
  throw new StartError(
    `There is no database in ${dataDirectory}. Nothing was done.`,
    'Set GATEHOUSE_DATA_DIR or GATEHOUSE_DATABASE_URL as the server has it.',
  );
}
