import { readFileSync } from 'node:fs';
import { beginFile } from '../../adapters/backup-file/new-file.ts';
import { beginExport, openExport } from '../../adapters/backup-file/portable.ts';
import { type AgeKeys, makeIdentityText, readAgeKeys } from '../../adapters/crypto/age/keys.ts';
import { AgeError, decryptAge, encryptAge } from '../../adapters/crypto/age/stream.ts';
import { makeAuditKeys } from '../../adapters/crypto/audit-keys.ts';
import { makeEnvelope } from '../../adapters/crypto/envelope.ts';
import { refuseEmpty } from '../../adapters/embedded/fill-data-directory.ts';
import { isLocked } from '../../adapters/embedded/lock.ts';
import { makeContentSource } from '../../adapters/postgres/contents/content-source.ts';
import { makePortableTarget } from '../../adapters/postgres/contents/portable-target.ts';
import { makeAuditLog } from '../../adapters/postgres/stores/audit-log.ts';
import { makeBroughtKeys } from '../../adapters/postgres/stores/brought-keys.ts';
import { makeSigningKeyStore } from '../../adapters/postgres/stores/signing-key-store.ts';
import { makeExportAll } from '../backup/export-all.ts';
import { makeImportAll } from '../backup/import-all.ts';
import { portableTables } from '../backup/portable-tables.ts';
import type { OperatorExports } from '../cli/backup-ports.ts';
import { systemClock } from '../clock.ts';
import type { Config } from '../config/schema.ts';
import { StartError } from '../errors.ts';
import { withoutPooler } from './restore-place.ts';
import { openStorage, type Storage } from './storage.ts';

const names = portableTables.map(({ name }) => name);

/** People and clients from one server to another, for the CLI. */
export const operatorExports = (config: Config): OperatorExports => ({
  async exportAll({ path, key, by, onRows }) {
    const { recipients } = keysOf(key);
    const { url, dataDir } = config.database;
    if (url === undefined && !isLocked(dataDir)) refuseEmpty(dataDir);
    const draft = await beginExport(path, (plain) => encryptAge(recipients, plain));
    try {
      return await withStorage(config, async (storage) => {
        const { database, sealer, broughtKeys, audit } = partsOf(storage);
        // Secrets that are not those of the server would make an export in which nobody can sign in.
        if ((await storage.migrator.version()) !== 0) await makeSigningKeyStore(database, sealer).load();
        const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
        return makeExportAll({
          source: makeContentSource(database, names),
          draft,
          passwordKeys: async () => [...storage.secrets.passwordKeys, ...(await broughtKeys.list())],
          sealer,
          audit,
          clock: systemClock,
          version,
        })({ by, onRows });
      });
    } finally {
      await draft.discard();
    }
  },

  async importAll({ path, key, by, onRows }) {
    const { identities } = keysOf(key);
    if (identities.length === 0)
      throw new StartError(
        'The key is only the public half. Nothing was changed.',
        'Give the file with the secret key, which begins with AGE-SECRET-KEY-1.',
      );
    const file = await openExport(path, (sealed) => decrypted(path, decryptAge(identities, sealed)));
    try {
      return await withStorage(config, async (storage) => {
        const { database, sealer, broughtKeys, audit } = partsOf(storage);
        return makeImportAll({
          file,
          target: makePortableTarget(database, storage.migrator, names),
          ownKeys: storage.secrets.passwordKeys,
          keys: broughtKeys,
          sealer,
          audit,
        })({ by, onRows });
      });
    } finally {
      await file.close();
    }
  },

  makeKeypair,
});

async function makeKeypair(path: string): Promise<string> {
  const { identity, recipient } = makeIdentityText();
  const file = await beginFile(path, 'key');
  try {
    await file.write(Buffer.from(`# public key: ${recipient}\n${identity}\n`, 'utf8'), 0);
    await file.finish();
    return recipient;
  } finally {
    await file.discard();
  }
}

function partsOf({ database, secrets }: Storage) {
  const sealer = makeEnvelope(secrets.encryptionKeys);
  return {
    database,
    sealer,
    broughtKeys: makeBroughtKeys(database, sealer, systemClock),
    audit: makeAuditLog(database, systemClock, makeAuditKeys(secrets.encryptionKeys)),
  };
}

async function withStorage<Result>(
  config: Config,
  work: (storage: Storage) => Promise<Result>,
): Promise<Result> {
  const storage = await openStorage(withoutPooler(config), { besideServer: true });
  try {
    return await work(storage);
  } finally {
    await storage.close();
  }
}

function keysOf(text: string): AgeKeys {
  const keys = readAgeKeys(text);
  if (keys !== undefined) return keys;
  throw new StartError(
    'This is no key. Nothing was changed.',
    'Give a file with lines that begin with age1 or AGE-SECRET-KEY-1; `gatehouse secrets keypair FILE` makes one.',
  );
}

async function* decrypted(path: string, plain: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield* plain;
  } catch (cause) {
    throw cause instanceof AgeError ? new StartError(...words[cause.kind](path), 1, cause) : cause;
  }
}

const words: Readonly<Record<AgeError['kind'], (path: string) => [string, string]>> = {
  foreign: (path) => [
    `${path} is no encrypted export. Nothing was changed.`,
    'Give a file that `gatehouse export --all` has made.',
  ],
  locked: (path) => [
    `${path} is encrypted for another key. Nothing was changed.`,
    'Give the secret key whose public half the export was made with.',
  ],
  damaged: (path) => [
    `${path} is cut off, or was changed after it was made. Nothing was changed on this server.`,
    'Use another copy, or make the export again.',
  ],
};
