import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { SecretName, SecretTexts } from '../../server/backup/secrets.ts';
import { StartError, systemCodeOf } from '../../server/errors.ts';
import { syncDirectory, writeDurably } from './secrets.ts';

const names: Readonly<Record<SecretName, string>> = {
  encryptionKeys: 'encryption-keys',
  cookieKeys: 'cookie-keys',
  passwordKeys: 'password-keys',
};

/**
 * Writes each list of keys into a file of its own (mode 0600), as the `_FILE` settings want them.
 *
 * @returns their absolute paths
 * @throws StartError when one of the files is there already or the directory cannot be written; no file is left then
 */
export function writeSecretFiles(directory: string, secrets: SecretTexts): Record<SecretName, string> {
  const paths = {
    encryptionKeys: resolve(directory, names.encryptionKeys),
    cookieKeys: resolve(directory, names.cookieKeys),
    passwordKeys: resolve(directory, names.passwordKeys),
  };
  const present = Object.values(paths).find((path) => existsSync(path));
  if (present !== undefined) {
    throw new StartError(`${present} exists already. Nothing was written.`, 'Give another directory.');
  }
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    for (const name of Object.keys(paths) as SecretName[]) writeDurably(paths[name], `${secrets[name]}\n`);
    syncDirectory(directory);
  } catch (cause) {
    for (const path of Object.values(paths)) rmSync(path, { force: true });
    throw new StartError(
      `The secrets cannot be written to ${join(directory)} (${systemCodeOf(cause)}). Nothing was left there.`,
      'Look for a full disk, and whether this user may write there.',
      1,
      cause,
    );
  }
  return paths;
}
