import { type Connector, makeConnector } from '../../adapters/postgres/connection/connect.ts';
import type { Database } from '../../adapters/postgres/connection/database.ts';
import { makeChangeMarks } from '../../adapters/postgres/stores/change-marks.ts';
import type { RedisWords } from '../../adapters/redis/words.ts';
import { type Announcer, makeAnnouncer } from '../changes/announcer.ts';
import type { ChangeFeed } from '../changes/feed.ts';
import { followMarks } from '../changes/follow-marks.ts';
import type { Config } from '../config/schema.ts';
import { StartError } from '../errors.ts';
import type { Metrics } from '../http/management.ts';
import type { Log } from '../log.ts';
import { showRedis } from '../redis-url.ts';
import { lastingSession } from './storage.ts';

export interface Changes extends Announcer {
  /** Knows nothing before `start`, so that what is kept by it is short-lived. */
  feed: ChangeFeed;
  /**
   * Looks for the Redis that there may be. One that is away is told of and does not matter.
   *
   * @throws StartError when it is there and would throw away what is kept in it
   */
  connect(): Promise<void>;
  /** For a process that answers, on a schema that fits. */
  start(): Promise<void>;
  measure(metrics: Pick<Metrics, 'gauge'>): void;
  close(): Promise<void>;
}

/** How what one process changes becomes known to the others: by marks in the database, sooner by PostgreSQL's or Redis' words. */
export function makeChanges(config: Config, database: Database, log: Log): Changes {
  const { session, listen } = lastingSession(config);
  let connector: Connector | undefined;
  const open = () => {
    connector ??= makeConnector(session());
    return connector.open();
  };
  const followed = followMarks({
    marks: makeChangeMarks({ connector: { open }, listen }),
    log,
    now: () => performance.now(),
  });
  let redis: RedisWords | undefined;
  const announcer = makeAnnouncer(database.inTransaction, (topic) => {
    followed.tell(topic);
    redis?.send();
  });
  return {
    ...announcer,
    feed: followed,
    async connect() {
      redis = await startRedis(config, log, followed.look);
    },
    start: followed.start,
    measure(metrics) {
      metrics.gauge(
        'gatehouse_change_feed_live',
        'Processes that see what others change as it happens.',
        () => Number(followed.isLive()),
      );
      if (config.redis.address === undefined) return;
      metrics.gauge('gatehouse_redis_connected', 'Processes that are connected to Redis.', () =>
        Number(redis?.isUp() ?? false),
      );
    },
    async close() {
      await Promise.all([followed.stop(), redis?.close()]);
    },
  };
}

async function startRedis(
  { redis: { address, caFile } }: Config,
  log: Log,
  look: () => void,
): Promise<RedisWords | undefined> {
  if (address === undefined) return undefined;
  // 30 MB and a tenth of a second that only those pay who have one.
  const { makeRedisWords } = await import('../../adapters/redis/words.ts');
  const words = makeRedisWords({ address, caFile, log });
  words.onWord(look);
  const first = await words.start();
  if (first.kind !== 'evicts') return words;
  await words.close();
  throw new StartError(
    `The Redis at ${showRedis(address)} evicts when its memory is full (its maxmemory-policy is ${first.policy}): counts by which attacks are slowed down would be forgotten just when there are many.`,
    'Set its maxmemory-policy to noeviction, or name a Redis of its own in GATEHOUSE_REDIS_URL, or unset that. Nothing is lost.',
    78,
  );
}
