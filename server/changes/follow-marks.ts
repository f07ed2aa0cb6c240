import type { Log } from '../log.ts';
import { type ChangeFeed, type ChangeMarks, type ChangeTopic, changeTopics } from './feed.ts';

export interface FollowMarksDeps {
  marks: ChangeMarks;
  log: Log;
  /** Milliseconds of a clock that nobody sets: performance.now. */
  now(): number;
}

/** Milliseconds between two looks when there is no word of a change; with `believable` it leaves time for a slow one. */
const interval = 400;
/** Milliseconds between two looks at least, however many words come. */
const shortestInterval = 20;

/**
 * Milliseconds for which something may be believed after the moment for which it was known. Under the second that is
 * promised, so that what follows from the belief has been done by then, too.
 */
export const believable = 900;

export interface FollowedMarks extends ChangeFeed {
  /** Looks once, and from then on again and again. A failure is told and does not end it. */
  start(): Promise<void>;
  /** There is word of a change: look at once. */
  look(): void;
  /** This process itself has changed something. */
  tell(topic: ChangeTopic): void;
  /** Whether so little time has gone since the last look that caches rely on it. */
  isLive(): boolean;
  stop(): Promise<void>;
}

/**
 * A feed that looks at the marks several times a second, and at once when there is word of a change. Only that the looks
 * succeed is relied on: words make it faster, and while looks fail the feed does not claim to know anything new.
 */
export function followMarks({ marks, log, now }: FollowMarksDeps): FollowedMarks {
  const watchers = new Map<ChangeTopic, (() => void)[]>();
  let seen: ReadonlyMap<string, string> = new Map();
  let knownUntil = Number.NEGATIVE_INFINITY;
  let word = false;
  let failing = false;
  let stopped = false;
  let wake = (): void => {};

  const tell = (topic: ChangeTopic): void => {
    for (const forget of watchers.get(topic) ?? []) forget();
  };
  const lookOnce = async (): Promise<void> => {
    word = false;
    const began = now();
    try {
      const found = await marks.read();
      for (const topic of changeTopics) if (found.get(topic) !== seen.get(topic)) tell(topic);
      seen = found;
      knownUntil = began;
      if (failing) log.info('changes made by others can be looked up again');
      failing = false;
    } catch (error) {
      if (stopped) return;
      if (!failing)
        log.warn('changes made by others cannot be looked up; until then more is read anew', { error });
      failing = true;
    }
  };
  const pause = (milliseconds: number, untilWord: boolean): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds).unref();
      wake = () => {
        if (!untilWord && !stopped) return;
        clearTimeout(timer);
        resolve();
      };
    });
  const goOn = async (): Promise<void> => {
    while (!stopped) {
      await pause(shortestInterval, false);
      // Somewhat irregular, so that many processes do not look in step.
      if (!word || failing) await pause(interval * (0.75 + Math.random() / 4) - shortestInterval, !failing);
      if (!stopped) await lookOnce();
    }
  };
  const look = (): void => {
    word = true;
    wake();
  };
  marks.onWord(look);

  return {
    watch(topic, forget) {
      watchers.set(topic, [...(watchers.get(topic) ?? []), forget]);
    },
    knownUntil: () => knownUntil,
    async start() {
      await lookOnce();
      void goOn();
    },
    look,
    tell,
    isLive: () => now() - knownUntil < believable,
    async stop() {
      stopped = true;
      wake();
      await marks.close();
    },
  };
}
