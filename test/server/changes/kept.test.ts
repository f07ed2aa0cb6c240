import { beforeEach, describe, expect, it } from '@jest/globals';
import { type Kept, keep } from '../../../server/changes/kept.ts';

describe('values that are kept', () => {
  let now: number;
  let knownUntil: number;
  let truth: Map<string, string>;
  let reads: string[];
  let change: () => void;
  let kept: Kept<string>;
  /** Answers to reads, held back until they are released. */
  let held: PromiseWithResolvers<void> | undefined;

  beforeEach(() => {
    now = 10_000;
    knownUntil = Number.NEGATIVE_INFINITY;
    truth = new Map([['a', 'one']]);
    reads = [];
    held = undefined;
    kept = keep({
      feed: {
        watch: (_topic, forget) => {
          change = forget;
        },
        knownUntil: () => knownUntil,
      },
      topic: 'client',
      most: 3,
      now: () => now,
      async read(key) {
        reads.push(key);
        const value = truth.get(key);
        await held?.promise;
        return value;
      },
    });
  });

  it('are read once for as long as the feed has missed nothing', async () => {
    for (let second = 0; second < 60; second += 1) {
      await expect(kept.get('a')).resolves.toBe('one');
      now += 1000;
      knownUntil = now - 400;
    }
    expect(reads).toEqual(['a']);
    expect(kept.counts()).toEqual({ hits: 59, misses: 1 });
  });

  it('are never older than 900 ms while the feed knows nothing', async () => {
    await kept.get('a');
    truth.set('a', 'two');
    now += 899;
    await expect(kept.get('a')).resolves.toBe('one');
    now += 1;
    await expect(kept.get('a')).resolves.toBe('two');
  });

  it('are not believed again when the feed comes back that has missed a change: it tells first', async () => {
    await kept.get('a');
    truth.set('a', 'two');
    now += 5000;
    change();
    knownUntil = now;
    await expect(kept.get('a')).resolves.toBe('two');
  });

  it('are forgotten at a change', async () => {
    knownUntil = now;
    await kept.get('a');
    truth.set('a', 'two');
    change();
    await expect(kept.get('a')).resolves.toBe('two');
  });

  it('are not kept when they were read while a change was told: it may have come before or after', async () => {
    held = Promise.withResolvers();
    const reading = kept.get('a');
    truth.set('a', 'two');
    change();
    held.resolve();
    await reading;
    knownUntil = now;
    await expect(kept.get('a')).resolves.toBe('two');
    expect(reads).toEqual(['a', 'a']);
  });

  it('count from when the reading began, not from when the answer came', async () => {
    held = Promise.withResolvers();
    const reading = kept.get('a');
    now += 800;
    held.resolve();
    await reading;
    truth.set('a', 'two');
    now += 100;
    await expect(kept.get('a')).resolves.toBe('two');
  });

  it('do not include what is not there', async () => {
    knownUntil = now;
    await expect(kept.get('b')).resolves.toBeUndefined();
    truth.set('b', 'new');
    await expect(kept.get('b')).resolves.toBe('new');
  });

  it('are three at most, the oldest goes first', async () => {
    knownUntil = now;
    for (const key of ['a', 'b', 'c', 'd']) {
      truth.set(key, key);
      await kept.get(key);
    }
    reads = [];
    for (const key of ['b', 'c', 'd', 'a']) await kept.get(key);
    expect(reads).toEqual(['a']);
  });
});
