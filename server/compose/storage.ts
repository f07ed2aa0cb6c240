import { embeddedConnections, startEmbeddedDatabase } from '../../adapters/embedded/database.ts';
import { isLocked, makeDataDirectory, refuseLocked } from '../../adapters/embedded/lock.ts';
import { type MadeSecrets, readOrMakeSecrets } from '../../adapters/embedded/secrets.ts';
import { findSocketDirectory } from '../../adapters/embedded/socket.ts';
import type { ConnectOptions } from '../../adapters/postgres/connection/connect.ts';
import { type Database, openDatabase } from '../../adapters/postgres/connection/database.ts';
import { type Migrator, makeMigrator } from '../../adapters/postgres/connection/migrate.ts';
import {
  adviceFor,
  assertNewEnough,
  assertReachable,
} from '../../adapters/postgres/connection/start-checks.ts';
import type { Config } from '../config/schema.ts';
import { parseDatabaseUrl, showDatabase } from '../database-url.ts';

export interface Storage {
  database: Database;
  migrator: Migrator;
  secrets: MadeSecrets;
  /** Settles only when the embedded database has died. */
  crashed: Promise<Error>;
  /** What an operator should set on the database, a sentence each. */
  advice(): Promise<string[]>;
  close(): Promise<void>;
}

const migrations = new URL('../../migrations/', import.meta.url);
const never = new Promise<never>(() => {});

/**
 * Opens the database of this configuration: an external PostgreSQL, or the embedded one under the lock of the data directory.
 *
 * @param options.besideServer for the CLI: go through the socket of a running server where there is one
 * @throws StartError when it cannot be reached or is held by somebody else
 */
export async function openStorage(
  config: Config,
  options: { besideServer?: boolean } = {},
): Promise<Storage> {
  const { url, dataDir } = config.database;
  if (url !== undefined) return openExternal(config, url);
  if (options.besideServer === true && isLocked(dataDir)) {
    const database = openDatabase({
      ...timeoutsOf(config),
      where: { kind: 'socket', directory: findSocketDirectory(dataDir) },
      poolMax: 2,
    });
    await assertReachable(database, `of the server that runs on ${dataDir}`);
    return storage(config, database, never, () => database.close(), readOrMakeSecrets(dataDir));
  }
  const embedded = await startEmbeddedDatabase(dataDir);
  const database = openDatabase({
    ...timeoutsOf(config),
    where: { kind: 'socket', directory: embedded.socketDirectory },
    poolMax: embeddedConnections.server,
  });
  const close = async (): Promise<void> => {
    await database.close();
    await embedded.close();
  };
  return storage(config, database, embedded.crashed, close, embedded.secrets);
}

/**
 * Tells that another server has the data directory, before the port is tried that it has as well.
 *
 * @throws StartError
 */
export function refuseSecondServer({ database: { url, dataDir } }: Config): void {
  if (url === undefined) refuseLocked(dataDir);
}

/**
 * How a session is opened that stays open beside those of the pool, once the storage is open; and whether notices reach it:
 * not from the embedded database, nor through a pooler, which gives its sessions to others meanwhile.
 */
export function lastingSession(config: Config): { session: () => ConnectOptions; listen: boolean } {
  const { url, directUrl, dataDir, pooler } = config.database;
  if (url === undefined) {
    const where = () => ({ kind: 'socket', directory: findSocketDirectory(dataDir) }) as const;
    return { session: () => ({ ...timeoutsOf(config), where: where() }), listen: false };
  }
  const options = { ...externalOptions(config), where: { kind: 'url', url: directUrl ?? url } } as const;
  if (directUrl === undefined) return { session: () => options, listen: pooler === 'none' };
  return { session: () => ({ ...options, pooler: 'none' }), listen: true };
}

async function openExternal(config: Config, url: string): Promise<Storage> {
  const { directUrl, poolMax } = config.database;
  const database = openDatabase({ ...externalOptions(config), where: { kind: 'url', url }, poolMax });
  // Connects when there is something to migrate, and not before.
  const direct =
    directUrl === undefined
      ? database
      : openDatabase({
          ...externalOptions(config),
          pooler: 'none',
          where: { kind: 'url', url: directUrl },
          poolMax: 1,
        });
  const close = async (): Promise<void> => {
    await database.close();
    if (direct !== database) await direct.close();
  };
  try {
    await assertReachable(database, shown(url));
    await assertNewEnough(database, shown(url));
    return {
      ...storage(config, database, never, close, madeSecrets(config), direct),
      advice: () => adviceFor(database, limitsOfServer(config)),
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Evaluation beside an external database: secrets are still made once, in the data directory. */
function madeSecrets(config: Config): MadeSecrets | undefined {
  const { encryptionKeys, cookieKeys, passwordKeys } = config.secrets;
  if (encryptionKeys !== undefined && cookieKeys !== undefined && passwordKeys !== undefined)
    return undefined;
  makeDataDirectory(config.database.dataDir);
  return readOrMakeSecrets(config.database.dataDir);
}

function storage(
  config: Config,
  database: Database,
  crashed: Promise<Error>,
  close: () => Promise<void>,
  made: MadeSecrets | undefined,
  direct: Database = database,
): Storage {
  const { encryptionKeys, cookieKeys, passwordKeys } = config.secrets;
  const secrets = {
    encryptionKeys: encryptionKeys ?? made?.encryptionKeys ?? [],
    cookieKeys: cookieKeys ?? made?.cookieKeys ?? [],
    passwordKeys: passwordKeys ?? made?.passwordKeys ?? [],
  };
  const migrator = makeMigrator(direct, migrations);
  return { database, migrator, secrets, crashed, advice: async () => [], close };
}

function timeoutsOf({ database }: Config) {
  return {
    acquireTimeout: database.acquireTimeout * 1000,
    connectTimeout: database.connectTimeout * 1000,
    statementTimeout: database.statementTimeout * 1000,
    requestTimeout: database.requestTimeout * 1000,
    queueMax: database.queueMax,
  };
}

/** Milliseconds, by the names that the server has for them. */
function limitsOfServer({ database }: Config): Record<string, number> {
  return {
    statement_timeout: database.statementTimeout * 1000,
    idle_in_transaction_session_timeout: database.idleTransactionTimeout * 1000,
  };
}

function externalOptions(config: Config) {
  const { idleTransactionTimeout, caFile, pooler } = config.database;
  return {
    ...timeoutsOf(config),
    idleTransactionTimeout: idleTransactionTimeout * 1000,
    caFile,
    pooler,
  };
}

/** Hosts and database of the URL; its user and password are nobody's business. */
function shown(url: string): string {
  const parsed = parseDatabaseUrl(url);
  return parsed.kind === 'parsed' ? showDatabase(parsed.address) : 'in GATEHOUSE_DATABASE_URL';
}
