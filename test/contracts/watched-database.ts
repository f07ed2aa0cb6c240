import { startEmbeddedDatabase } from '../../adapters/embedded/database.ts';
import { type ConnectOptions, makeConnector } from '../../adapters/postgres/connection/connect.ts';
import { type Database, openDatabase } from '../../adapters/postgres/connection/database.ts';
import { makeMigrator } from '../../adapters/postgres/connection/migrate.ts';
import { makeChangeMarks } from '../../adapters/postgres/stores/change-marks.ts';
import { makeClientStore } from '../../adapters/postgres/stores/client-store.ts';
import { type FollowedMarks, followMarks } from '../../server/changes/follow-marks.ts';
import { systemClock } from '../../server/clock.ts';
import type { Log } from '../../server/log.ts';
import { createDatabase, type TestDatabase } from '../support/postgres.ts';
import { makeTempDir } from '../support/temp-dir.ts';

export type Place = 'PostgreSQL' | 'embedded database';

/** A migrated database, the stores of one process on it, and feeds as other processes have them. */
export interface WatchedDatabase {
  database: Database;
  clients: ReturnType<typeof makeClientStore>;
  /** Undefined for the embedded one. */
  postgres: TestDatabase | undefined;
  /** A feed that has not been started yet. */
  makeFeed(options?: { listen?: boolean; log?: Log }): FollowedMarks;
  close(): Promise<void>;
}

const patience = { connectTimeout: 5000, statementTimeout: 5000 };

export async function openWatched(place: Place): Promise<WatchedDatabase> {
  const opened = await (place === 'PostgreSQL' ? onPostgres() : onEmbedded());
  const options = { ...patience, where: opened.where };
  const database = openDatabase({ ...options, poolMax: 4, acquireTimeout: 5000 });
  await makeMigrator(database, new URL('../../migrations/', import.meta.url)).up();
  const feeds: FollowedMarks[] = [];
  return {
    database,
    clients: makeClientStore(database, systemClock),
    postgres: opened.postgres,
    makeFeed({ listen = place === 'PostgreSQL', log = silent } = {}) {
      const marks = makeChangeMarks({ connector: makeConnector(options), listen });
      const feed = followMarks({ marks, log, now: () => performance.now() });
      feeds.push(feed);
      return feed;
    },
    async close() {
      await Promise.all(feeds.map((feed) => feed.stop()));
      await database.close();
      await opened.close();
    },
  };
}

interface Opened {
  where: ConnectOptions['where'];
  postgres: TestDatabase | undefined;
  close(): Promise<void>;
}

async function onPostgres(): Promise<Opened> {
  const postgres = await createDatabase();
  return { where: { kind: 'url', url: postgres.url }, postgres, close: () => postgres.drop() };
}

async function onEmbedded(): Promise<Opened> {
  const { path, remove } = await makeTempDir('embedded');
  const embedded = await startEmbeddedDatabase(path);
  return {
    where: { kind: 'socket', directory: embedded.socketDirectory },
    postgres: undefined,
    async close() {
      await embedded.close();
      await remove();
    },
  };
}

const nothing = (): void => {};
export const silent: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing };
