import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type FollowedMarks, followMarks } from '../../../server/changes/follow-marks.ts';
import { silent } from '../../contracts/watched-database.ts';
import { waitFor } from '../../support/wait-for.ts';

describe('following the marks', () => {
  let mark: string;
  let reads: number;
  let told: number;
  let feed: FollowedMarks;
  let word: () => void;
  let held: PromiseWithResolvers<void> | undefined;
  const elapse = (milliseconds: number): Promise<true> => {
    const until = performance.now() + milliseconds;
    return waitFor('time has gone', () => performance.now() > until, { every: 1 });
  };

  beforeEach(async () => {
    mark = 'first';
    reads = 0;
    held = undefined;
    feed = followMarks({
      log: silent,
      now: () => performance.now(),
      marks: {
        async read() {
          reads += 1;
          const seen = mark;
          await held?.promise;
          return new Map([['client', seen]]);
        },
        onWord(look) {
          word = look;
        },
        close: async () => held?.resolve(),
      },
    });
    await feed.start();
    told = 0;
    feed.watch('client', () => {
      told += 1;
    });
  });
  afterEach(() => feed.stop());

  it('looks a few times a second by itself', async () => {
    const before = reads;
    await elapse(2000);
    expect(reads - before).toBeGreaterThanOrEqual(3);
    expect(reads - before).toBeLessThanOrEqual(7);
  });

  it('looks once more when a word comes while it looks: it may have looked too early', async () => {
    const times: number[] = [];
    for (let round = 0; round < 5; round += 1) {
      held = Promise.withResolvers();
      word();
      const before = reads;
      await waitFor('it looks', () => reads > before, { every: 1 });
      mark = `mark ${round}`;
      told = 0;
      word();
      held.resolve();
      held = undefined;
      const began = performance.now();
      await waitFor('the change was told', () => told > 0, { every: 1 });
      times.push(performance.now() - began);
    }
    // By itself it looks after 300 ms at the earliest.
    expect(Math.min(...times)).toBeLessThan(200);
  });

  it('looks no more than fifty times a second, however many words come', async () => {
    const before = reads;
    const flood = setInterval(word, 1);
    await elapse(1000);
    clearInterval(flood);
    expect(reads - before).toBeLessThanOrEqual(51);
    expect(reads - before).toBeGreaterThan(10);
  });

  it('claims to know only what it knew when it began to look', async () => {
    held = Promise.withResolvers();
    word();
    const before = reads;
    await waitFor('it looks', () => reads > before, { every: 1 });
    const asked = performance.now();
    await elapse(100);
    held.resolve();
    held = undefined;
    const known = feed.knownUntil();
    await waitFor('the look is over', () => feed.knownUntil() !== known, { every: 1 });
    expect(feed.knownUntil()).toBeLessThanOrEqual(asked);
  });

  it('stops to claim that it is live when looks take too long', async () => {
    held = Promise.withResolvers();
    await waitFor('it is no longer live', () => !feed.isLive());
    held.resolve();
    held = undefined;
    await waitFor('it is live again', () => feed.isLive());
  });
});
