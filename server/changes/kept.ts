import type { ChangeFeed, ChangeTopic } from './feed.ts';
import { believable } from './follow-marks.ts';

export interface KeptDeps<Value> {
  feed: ChangeFeed;
  /** One, or several that the values follow from. */
  topic: ChangeTopic | readonly ChangeTopic[];
  /** Undefined for what is not there; that is not kept. */
  read(key: string): Promise<Value | undefined>;
  /** Values kept at once; the oldest goes first. */
  most: number;
  /** Milliseconds of a clock that nobody sets: performance.now. */
  now(): number;
}

export interface Kept<Value> {
  get(key: string): Promise<Value | undefined>;
  /** Whether it is in memory, be it that it has changed meanwhile. */
  isKept(key: string): boolean;
  /** How often a value was there already, and how often it had to be read. */
  counts(): { hits: number; misses: number };
}

/**
 * Values that change rarely, kept in memory. A value is given out only while it was true less than a second ago: it was read
 * then, or the feed has missed no change until then.
 */
export function keep<Value>({ feed, topic, read, most, now }: KeptDeps<Value>): Kept<Value> {
  const kept = new Map<string, { value: Value; readAt: number }>();
  let changes = 0;
  let hits = 0;
  let misses = 0;
  for (const one of [topic].flat())
    feed.watch(one, () => {
      changes += 1;
      kept.clear();
    });
  return {
    async get(key) {
      const entry = kept.get(key);
      if (entry !== undefined && Math.max(entry.readAt, feed.knownUntil()) + believable > now()) {
        hits += 1;
        return entry.value;
      }
      misses += 1;
      kept.delete(key);
      const [readAt, changesBefore] = [now(), changes];
      const value = await read(key);
      // What was read may be what it was before a change that has been told meanwhile.
      if (value === undefined || changes !== changesBefore) return value;
      if (kept.size >= most) kept.delete(kept.keys().next().value ?? '');
      kept.set(key, { value, readAt });
      return value;
    },
    isKept: (key) => kept.has(key),
    counts: () => ({ hits, misses }),
  };
}
