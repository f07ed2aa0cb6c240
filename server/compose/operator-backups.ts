import { readFileSync } from 'node:fs';
import { beginBackup } from '../../adapters/backup-file/draft.ts';
import { openBackup } from '../../adapters/backup-file/read.ts';
import { makeAuditKeys } from '../../adapters/crypto/audit-keys.ts';
import { makeEnvelope } from '../../adapters/crypto/envelope.ts';
import { refuseEmpty } from '../../adapters/embedded/fill-data-directory.ts';
import { isLocked } from '../../adapters/embedded/lock.ts';
import { markMoved } from '../../adapters/embedded/moved.ts';
import { writeSecretFiles } from '../../adapters/embedded/secret-files.ts';
import { readSecretTexts, secretsPath } from '../../adapters/embedded/secrets.ts';
import { refuseUnknown } from '../../adapters/postgres/connection/migrate.ts';
import { makeContentSource } from '../../adapters/postgres/contents/content-source.ts';
import { makeContentTarget } from '../../adapters/postgres/contents/content-target.ts';
import { makeAuditLog } from '../../adapters/postgres/stores/audit-log.ts';
import { makeSigningKeyStore } from '../../adapters/postgres/stores/signing-key-store.ts';
import { type MakeBackupDeps, makeBackup } from '../backup/make-backup.ts';
import { makeRestore } from '../backup/restore-backup.ts';
import { secretNames } from '../backup/secrets.ts';
import type { OpenOperatorBackups, OperatorBackups } from '../cli/backup-ports.ts';
import { systemClock } from '../clock.ts';
import type { Config } from '../config/schema.ts';
import { parseDatabaseUrl, showDatabase } from '../database-url.ts';
import { StartError } from '../errors.ts';
import { operatorExports } from './operator-exports.ts';
import { openPlace, withoutPooler } from './restore-place.ts';
import { openStorage, type Storage } from './storage.ts';

const migrations = new URL('../../migrations/', import.meta.url);

/** Backups, and moves from one database to another, for the CLI. */
export const openOperatorBackups: OpenOperatorBackups = ({ config }): OperatorBackups => ({
  ...operatorExports(config),

  async backup({ path, withSecrets, longestPause, by, onRows }) {
    const { url, dataDir } = config.database;
    const beside = url === undefined && isLocked(dataDir);
    if (url === undefined && !beside) refuseEmpty(dataDir);
    const draft = await beginBackup(path);
    const own = usesOwnSecrets(config) ? readSecretTexts(dataDir) : undefined;
    try {
      const report = await withStorage(withoutPooler(config), { besideServer: true }, async (storage) => {
        await refuseUnfitKeys(storage);
        const deps: MakeBackupDeps = { ...depsOf(storage), draft };
        return makeBackup(deps)({
          secrets: storage.secrets,
          toInclude: withSecrets ? (own ?? null) : null,
          longestPause: beside ? longestPause : undefined,
          by,
          // Who writes to a terminal waits for it, and the server would wait with us.
          onRows: beside ? () => {} : onRows,
        });
      });
      const secrets = own === undefined ? 'settings' : withSecrets ? 'included' : 'left out';
      return { ...report, secrets, pause: beside ? report.reading : undefined };
    } finally {
      await draft.discard();
    }
  },

  async restore({ path, ...restore }) {
    const file = await openBackup(path);
    try {
      await refuseUnknown(migrations, file.description.layout.migrations);
      return await makeRestore({ file, place: openPlace(config), given: config.secrets })(restore);
    } finally {
      await file.close();
    }
  },

  async move({ to, by, onRows }) {
    const url = to ?? config.database.url;
    if (url === undefined) {
      throw new StartError(
        'Nothing says where to.',
        'Give the PostgreSQL database with --to-file, --to or GATEHOUSE_DATABASE_URL.',
        2,
      );
    }
    const { dataDir } = config.database;
    refuseEmpty(dataDir);
    const report = await withStorage(embedded(config), {}, async (from) => {
      await refuseUnfitKeys(from);
      return withStorage(external(config, to), {}, ({ database, migrator }) =>
        makeContentSource(from.database).read((contents) =>
          makeContentTarget(database, migrator).fill(contents, onRows, () =>
            makeAuditLog(database, systemClock, makeAuditKeys(from.secrets.encryptionKeys)).append(
              { type: 'database.moved', to: shown(url) },
              by,
            ),
          ),
        ),
      );
    });
    markMoved(dataDir, shown(url), systemClock.now());
    const secrets = usesOwnSecrets(config) ? secretsPath(dataDir) : undefined;
    return { ...report, to: shown(url), from: dataDir, secrets };
  },

  exportSecrets(directory) {
    const { dataDir } = config.database;
    const secrets = readSecretTexts(dataDir);
    if (secrets !== undefined) return writeSecretFiles(directory, secrets);
    throw new StartError(
      `There are no secrets in ${dataDir}.`,
      'Set GATEHOUSE_DATA_DIR as the server had it; a server that gets its secrets by settings keeps none there.',
    );
  },
});

function depsOf({ database, secrets }: Storage): Omit<MakeBackupDeps, 'draft'> {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  return {
    source: makeContentSource(database),
    audit: makeAuditLog(database, systemClock, makeAuditKeys(secrets.encryptionKeys)),
    clock: systemClock,
    version,
  };
}

async function withStorage<Result>(
  config: Config,
  options: { besideServer?: boolean },
  work: (storage: Storage) => Promise<Result>,
): Promise<Result> {
  const storage = await openStorage(config, options);
  try {
    return await work(storage);
  } finally {
    await storage.close();
  }
}

/** The secrets that the server has made for itself are in use unless settings give all of them. */
function usesOwnSecrets({ secrets }: Config): boolean {
  return secretNames.some((name) => secrets[name] === undefined);
}

/** A command that runs without the server's settings would note the wrong keys in a backup, or start a server with them. */
async function refuseUnfitKeys({ database, migrator, secrets }: Storage): Promise<void> {
  // An empty database has no keys yet; that there is nothing to read is said by who reads.
  if ((await migrator.version()) === 0) return;
  await makeSigningKeyStore(database, makeEnvelope(secrets.encryptionKeys)).load();
}

function embedded(config: Config): Config {
  return { ...config, database: { ...config.database, url: undefined, directUrl: undefined } };
}

/** Without `to` it is the database of the settings, past a pooler where there is one. */
function external(config: Config, to: string | undefined): Config {
  if (to === undefined) return withoutPooler(config);
  return { ...config, database: { ...config.database, url: to, directUrl: undefined, pooler: 'none' } };
}

function shown(url: string): string {
  const parsed = parseDatabaseUrl(url);
  return parsed.kind === 'parsed' ? showDatabase(parsed.address) : 'the PostgreSQL database';
}
