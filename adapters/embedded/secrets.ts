import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { StartError } from '../../server/errors.ts';
import { type NamedKey, parseKeyList } from '../../server/keys/key-list.ts';

/** The secrets that a server in evaluation mode makes for itself. */
export interface MadeSecrets {
  encryptionKeys: NamedKey[];
  cookieKeys: NamedKey[];
  passwordKeys: NamedKey[];
}

const file = 'secrets.json';

/**
 * Reads the secrets of this data directory (mode 0600), or makes them at the first start. Written beside and renamed, so
 * that a kill in between leaves the old state; the directory's lock keeps a second process out.
 *
 * @throws StartError when the file is there but cannot be read: making new ones would lose what the old ones protect.
 */
export function readOrMakeSecrets(dataDirectory: string): MadeSecrets {
  const path = join(dataDirectory, file);
  const text = read(path) ?? make(path);
  try {
    const stored: Record<keyof MadeSecrets, string> = JSON.parse(text);
    return {
      encryptionKeys: parseKeyList(stored.encryptionKeys),
      cookieKeys: parseKeyList(stored.cookieKeys),
      passwordKeys: parseKeyList(stored.passwordKeys),
    };
  } catch (cause) {
    throw new StartError(
      `The secrets in ${path} cannot be read.`,
      'Restore the file from a backup; without it neither passwords nor signing keys of this data directory can be used.',
      1,
      cause,
    );
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new StartError(
      `The secrets in ${path} cannot be read.`,
      'Give this user the right to read it.',
      1,
      error,
    );
  }
}

function make(path: string): string {
  const key = (): string => randomBytes(32).toString('base64url');
  const text = `${JSON.stringify({ encryptionKeys: key(), cookieKeys: key(), passwordKeys: key() }, null, 2)}\n`;
  const descriptor = openSync(`${path}.new`, 'w', 0o600);
  try {
    writeSync(descriptor, text);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(`${path}.new`, path);
  return text;
}
