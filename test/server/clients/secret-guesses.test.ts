import { describe, expect, it } from '@jest/globals';
import { makeSecretGuesses } from '../../../server/clients/secret-guesses.ts';

const rule = {
  softAfter: 3,
  delayAfter: (failures: number) => (failures < 3 ? 0 : 2 ** (failures - 3)),
  window: 600,
  most: 4,
};

describe('guessing the secret of a client', () => {
  const setUp = () => {
    const time = { seconds: 0 };
    const guesses = makeSecretGuesses(rule, () => time.seconds);
    const fail = (times: number, client = 'shop', network = 'a') =>
      Array.from({ length: times }, () => guesses.failed(client, network));
    return { time, guesses, fail };
  };

  it('makes its network address wait after some wrong ones, for ever longer', () => {
    const { time, guesses, fail } = setUp();
    fail(2);
    expect(guesses.wait('shop', 'a')).toBe(0);
    expect(fail(1)).toEqual([true]);
    expect(guesses.wait('shop', 'a')).toBe(1);
    time.seconds = 1;
    expect(guesses.wait('shop', 'a')).toBe(0);
    expect(fail(1)).toEqual([false]);
    expect(guesses.wait('shop', 'a')).toBe(2);
  });

  it('makes nobody else wait: neither other addresses nor other clients', () => {
    const { guesses, fail } = setUp();
    fail(10);
    expect(guesses.wait('shop', 'b')).toBe(0);
    expect(guesses.wait('wiki', 'a')).toBe(0);
  });

  it('never makes an address wait from which the client has proven itself', () => {
    const { guesses, fail } = setUp();
    guesses.succeeded('shop', 'a');
    expect(fail(10)).not.toContain(true);
    expect(guesses.wait('shop', 'a')).toBe(0);
  });

  it('begins anew after a right one, and when it was long ago', () => {
    const { time, guesses, fail } = setUp();
    fail(2);
    time.seconds = rule.window;
    expect(fail(2)).toEqual([false, false]);
    guesses.succeeded('shop', 'a');
    fail(2);
    expect(guesses.wait('shop', 'a')).toBe(0);
  });

  it('keeps no more in mind than it may', () => {
    const { guesses, fail } = setUp();
    fail(10, 'shop', 'a');
    for (const network of ['b', 'c', 'd']) fail(3, 'shop', network);
    expect(guesses.wait('shop', 'a')).toBeGreaterThan(0);
    fail(3, 'shop', 'e');
    expect(guesses.wait('shop', 'a')).toBe(0);
  });
});
