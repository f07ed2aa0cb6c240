import { makeAuditKeys } from '../../adapters/crypto/audit-keys.ts';
import { fillDataDirectory, refuseFull } from '../../adapters/embedded/fill-data-directory.ts';
import { makeDataDirectory, refuseLocked } from '../../adapters/embedded/lock.ts';
import { placeSecrets, readSecretTexts } from '../../adapters/embedded/secrets.ts';
import { makeContentTarget } from '../../adapters/postgres/contents/content-target.ts';
import { makeAuditLog } from '../../adapters/postgres/stores/audit-log.ts';
import { endAllSessions } from '../../adapters/postgres/stores/end-sessions.ts';
import type { Contents, FillReport } from '../backup/contents.ts';
import type { Restore, RestorePlace } from '../backup/restore-backup.ts';
import { systemClock } from '../clock.ts';
import type { Config } from '../config/schema.ts';
import { openStorage } from './storage.ts';

/** Where the settings say that data is kept. */
export function openPlace(config: Config): RestorePlace {
  return config.database.url === undefined ? dataDirectory(config) : externalDatabase(config);
}

function dataDirectory(config: Config): RestorePlace {
  const { dataDir } = config.database;
  return {
    presentSecrets() {
      refuseLocked(dataDir);
      refuseFull(dataDir);
      return readSecretTexts(dataDir);
    },
    fill: (contents, restore) =>
      fillDataDirectory(dataDir, restore.secrets.toKeep, (draft) =>
        fill({ ...config, database: { ...config.database, dataDir: draft } }, contents, restore),
      ),
  };
}

function externalDatabase(config: Config): RestorePlace {
  const { dataDir } = config.database;
  return {
    presentSecrets: () => readSecretTexts(dataDir),
    fill(contents, restore) {
      const { secrets, toKeep } = restore.secrets;
      // With all secrets given, none are made in the data directory.
      return fill({ ...withoutPooler(config), secrets }, contents, restore, () => {
        if (toKeep === undefined) return;
        makeDataDirectory(dataDir);
        placeSecrets(dataDir, toKeep);
      });
    },
  };
}

async function fill(
  config: Config,
  contents: Contents,
  { event, by, endSessions, onRows, secrets }: Restore,
  beforeCommit: () => void = () => {},
): Promise<FillReport> {
  const { database, migrator, close } = await openStorage(config);
  try {
    return await makeContentTarget(database, migrator).fill(contents, onRows, async () => {
      if (endSessions) await endAllSessions(database);
      const keys = makeAuditKeys(secrets.secrets.encryptionKeys);
      await makeAuditLog(database, systemClock, keys).append(event, by);
      beforeCommit();
    });
  } finally {
    await close();
  }
}

/** Migrations and rows are one transaction, so both go through one connection: past a pooler, where there is one. */
export function withoutPooler(config: Config): Config {
  const { directUrl } = config.database;
  if (directUrl === undefined) return config;
  return {
    ...config,
    database: { ...config.database, url: directUrl, directUrl: undefined, pooler: 'none' },
  };
}
