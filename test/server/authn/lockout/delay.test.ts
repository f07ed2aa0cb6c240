import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type DelayRule, delayAfter, delaysOf } from '../../../../server/authn/lockout/delay.ts';

const theRule: DelayRule = { softAfter: 5, longestDelay: 900, hardAfter: 100 };

const aRule = fc.record({
  softAfter: fc.integer({ min: 3, max: 50 }),
  longestDelay: fc.integer({ min: 1, max: 3600 }),
  hardAfter: fc.integer({ min: 51, max: 100 }),
});
const aCount = fc.integer({ min: 0, max: 10_000 });

describe('the delay after failures in a row', () => {
  it('is none up to four, then 1 second, doubled up to 15 minutes', () => {
    expect([0, 1, 4, 5, 6, 7, 14, 15, 99].map((failures) => delayAfter(failures, theRule))).toEqual([
      0, 0, 0, 1, 2, 4, 512, 900, 900,
    ]);
  });

  it('never falls with one failure more, and never lasts longer than the longest', () => {
    fc.assert(
      fc.property(aRule, aCount, (rule, failures) => {
        const [now, then] = [delayAfter(failures, rule), delayAfter(failures + 1, rule)];
        expect(then).toBeGreaterThanOrEqual(now);
        expect(then).toBeLessThanOrEqual(rule.longestDelay);
      }),
    );
  });

  it('begins at the limit with a second, and at most doubles', () => {
    fc.assert(
      fc.property(aRule, aCount, (rule, failures) => {
        expect(delayAfter(rule.softAfter - 1, rule)).toBe(0);
        expect(delayAfter(rule.softAfter, rule)).toBe(1);
        if (failures >= rule.softAfter)
          expect(delayAfter(failures + 1, rule)).toBeLessThanOrEqual(2 * delayAfter(failures, rule));
      }),
    );
  });

  it('is in the list that the store has, whose last entry stands for all after it', () => {
    fc.assert(
      fc.property(aRule, aCount, (rule, count) => {
        const [failures, delays] = [count + 1, delaysOf(rule)];
        expect(delays[Math.min(failures, delays.length) - 1]).toBe(delayAfter(failures, rule));
      }),
    );
  });
});
