import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { SecretTexts } from '../../server/backup/secrets.ts';
import { StartError, systemCodeOf } from '../../server/errors.ts';
import { type NamedKey, parseKeyList } from '../../server/keys/key-list.ts';
import { unusable } from './lock.ts';

/** The secrets that a server in evaluation mode makes for itself. */
export interface MadeSecrets {
  encryptionKeys: NamedKey[];
  cookieKeys: NamedKey[];
  passwordKeys: NamedKey[];
}

const file = 'secrets.json';

/**
 * Reads the secrets of this data directory (mode 0600), or makes them at the first start. They appear whole and once: of
 * several processes that start at once all get those of the first, and a kill in between leaves none.
 *
 * @throws StartError when they are there but cannot be read, or are gone although they have protected something: making
 * new ones would lose what the old ones protect
 */
export function readOrMakeSecrets(dataDirectory: string): MadeSecrets {
  const path = join(dataDirectory, file);
  return understand(read(path) ?? make(dataDirectory, path), path).secrets;
}

/**
 * The secrets of this data directory as they are written there; undefined when it has none.
 *
 * @throws StartError as readOrMakeSecrets
 */
export function readSecretTexts(dataDirectory: string): SecretTexts | undefined {
  const path = join(dataDirectory, file);
  const text = read(path);
  return text === undefined ? undefined : understand(text, path).texts;
}

/** Gives a data directory that has no secrets these; one that got some meanwhile keeps them. */
export function placeSecrets(
  dataDirectory: string,
  { encryptionKeys, cookieKeys, passwordKeys }: SecretTexts,
): void {
  const text = `${JSON.stringify({ encryptionKeys, cookieKeys, passwordKeys }, null, 2)}\n`;
  const path = join(dataDirectory, file);
  const draft = `${path}.${process.pid}`;
  try {
    writeDurably(draft, text);
    // Unlike a rename, a link does not replace what another process has put there meanwhile.
    linkSync(draft, path);
    syncDirectory(dataDirectory);
  } catch (cause) {
    if (systemCodeOf(cause) !== 'EEXIST') throw unusable(dataDirectory, cause);
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Where the secrets of this data directory are. */
export const secretsPath = (dataDirectory: string): string => join(dataDirectory, file);

function understand(text: string, path: string): { secrets: MadeSecrets; texts: SecretTexts } {
  try {
    const texts: SecretTexts = JSON.parse(text);
    const secrets = {
      encryptionKeys: parseKeyList(texts.encryptionKeys),
      cookieKeys: parseKeyList(texts.cookieKeys),
      passwordKeys: parseKeyList(texts.passwordKeys),
    };
    return { secrets, texts };
  } catch (cause) {
    throw new StartError(`The secrets in ${path} are damaged.`, restore, 1, cause);
  }
}

const restore =
  'Restore the file from a backup; without it neither passwords nor signing keys of this data directory can be used.';

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return undefined;
    throw new StartError(
      `The secrets in ${path} cannot be read.`,
      'Give this user the right to read it.',
      1,
      error,
    );
  }
}

function make(dataDirectory: string, path: string): string {
  if (existsSync(join(dataDirectory, 'database'))) {
    throw new StartError(
      `The database in ${dataDirectory} has lost its secrets: there is no ${path}.`,
      restore,
    );
  }
  const key = (): string => randomBytes(32).toString('base64url');
  placeSecrets(dataDirectory, { encryptionKeys: key(), cookieKeys: key(), passwordKeys: key() });
  return readFileSync(path, 'utf8');
}

export function writeDurably(path: string, text: string): void {
  const descriptor = openSync(path, 'w', 0o600);
  try {
    writeSync(descriptor, text);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** The name of a file is durable only when its directory is: a database without these secrets would be lost. */
export function syncDirectory(directory: string): void {
  const descriptor = openSync(directory, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
