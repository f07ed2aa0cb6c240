import type { ChangeWords } from '../../server/changes/feed.ts';
import type { Log } from '../../server/log.ts';
import { type RedisAddress, showRedis } from '../../server/redis-url.ts';
import { openServer } from './find-server.ts';
import type { RedisSession } from './session.ts';

export interface RedisWordsOptions {
  address: RedisAddress;
  caFile: string | undefined;
  log: Log;
}

export interface RedisWords extends ChangeWords {
  /** Connects, and stays connected from then on. Resolves with what the first try has met, or that it goes on. */
  start(): Promise<FirstTry>;
  isUp(): boolean;
}

export type FirstTry =
  | { kind: 'up' }
  | { kind: 'away'; why: unknown }
  /** It may throw away what it was given to keep: its `maxmemory-policy`. */
  | { kind: 'evicts'; policy: string };

/** The same for everybody: a word that was meant for another installation on this Redis costs one look for nothing. */
const channel = 'gatehouse:changes';
/** Milliseconds that the start of a server waits for the first try. */
const startTime = 2000;
/** Milliseconds until the next try, doubled after each that fails. */
const pauses = { first: 100, longest: 5000 };

/** Words of changes by way of Redis (PUBLISH and SUBSCRIBE): heard by whoever is connected at that moment. */
export function makeRedisWords(options: RedisWordsOptions): RedisWords {
  const { log } = options;
  const shown = showRedis(options.address);
  let session: RedisSession | undefined;
  let tellWord = (): void => {};
  let stopped = false;
  let wake = (): void => {};
  let running = Promise.resolve();
  let told: FirstTry['kind'] | undefined;

  const connect = async (): Promise<FirstTry> => {
    let fresh: RedisSession | undefined;
    try {
      fresh = await openServer(options.address, options.caFile);
      const policy = await evictionPolicy(fresh);
      if (policy !== undefined && policy !== 'noeviction') {
        fresh.end(new Error('it evicts'));
        return { kind: 'evicts', policy };
      }
      await fresh.subscribe(channel, () => tellWord());
      if (stopped) fresh.end(new Error('closed'));
      session = fresh;
      return { kind: 'up' };
    } catch (why) {
      fresh?.end(why);
      return { kind: 'away', why };
    }
  };
  /** Each state is told once, however often it is met. */
  const tellState = (state: FirstTry): void => {
    if (state.kind === told || stopped) return;
    if (state.kind === 'up') log.info('Redis is connected', { redis: shown });
    if (state.kind === 'away')
      log.warn(
        'Redis is away: nothing is lost, changes are seen by others somewhat later; it is tried again',
        { redis: shown, error: state.why },
      );
    if (state.kind === 'evicts')
      log.error('Redis is not used: its maxmemory-policy must be noeviction', {
        redis: shown,
        policy: state.policy,
      });
    told = state.kind;
  };
  const pause = (milliseconds: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds * (0.5 + Math.random() / 2)).unref();
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  const stayConnected = async (first: FirstTry): Promise<void> => {
    let state = first;
    let longer = pauses.first;
    while (!stopped) {
      tellState(state);
      if (state.kind === 'up') {
        longer = pauses.first;
        // Between the loss of the last session and now words may have been missed.
        tellWord();
        const why = await session?.ended;
        session = undefined;
        tellState({ kind: 'away', why });
      }
      await pause(longer);
      longer = Math.min(2 * longer, pauses.longest);
      if (!stopped) state = await connect();
    }
  };

  return {
    async start() {
      const first = connect();
      const soon = await Promise.race([first, notYet()]);
      // Whoever starts with such a Redis is refused; one that is found to be so later is told of.
      if (soon.kind !== 'evicts') running = first.then(stayConnected);
      return soon;
    },
    send() {
      const through = session;
      // That the session has ended is told. Who has changed something is not kept waiting for it.
      through?.ask('PUBLISH', channel, 'changed').catch(through.end);
    },
    onWord(look) {
      tellWord = look;
    },
    isUp: () => session !== undefined,
    async close() {
      stopped = true;
      tellWord = () => {};
      wake();
      session?.end(new Error('closed'));
      await running;
    },
  };
}

function notYet(): Promise<FirstTry> {
  return new Promise((resolve) => {
    setTimeout(resolve, startTime, { kind: 'away', why: new Error('no answer yet') }).unref();
  });
}

/** Undefined where the server does not tell, or not to this user. */
async function evictionPolicy(session: RedisSession): Promise<string | undefined> {
  const info = await session.ask('INFO', 'memory').catch((error: unknown) => {
    if (error instanceof Error && error.message.startsWith('NOPERM')) return '';
    throw error;
  });
  return /^maxmemory_policy:(\S+)/m.exec(String(info))?.[1];
}
