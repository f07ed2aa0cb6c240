import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { faultInJsonText, isStorable } from '../../../server/http/json-rules.ts';

const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;
const withNames = (count: number) =>
  `{${Array.from({ length: count }, (_, index) => `"${index}":1`).join(',')}}`;

describe('a JSON text', () => {
  it('passes when every parser reads the same in it', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 20 }), (text) => {
        fc.pre(!/"(?:__proto__|constructor|prototype)"/.test(text));
        expect(faultInJsonText(text)).toBeUndefined();
      }),
    );
  });

  it.each([
    ['32 levels', nested(32)],
    ['5,000 names', withNames(5000)],
    ['a name again in another object', '{"a":{"a":1},"b":[{"a":2},{"a":3}]}'],
    ['a name as a value', '{"a":"a","b":"__proto__"}'],
    ['brackets, quotes and colons in texts', `{"a":"${'[{'.repeat(40)}\\":","b":"\\\\"}`],
  ])('may have %s', (_what, text) => {
    expect(faultInJsonText(text)).toBeUndefined();
    expect(() => JSON.parse(text)).not.toThrow();
  });

  it.each([
    ['33 levels', nested(33)],
    ['100,000 levels', '['.repeat(100_000)],
    ['5,001 names', withNames(5001)],
    ['a name twice', '{"a":1,"b":2,"a":3}'],
    ['a name twice, once escaped', '{"a":1,"\\u0061":3}'],
    ['a name twice with space before its colon', '{"a":1,"a" \n:3}'],
    ['__proto__', '{"__proto__":{"admin":true}}'],
    ['__proto__, escaped', '{"\\u005f_proto__":1}'],
    ['constructor, deep inside', '[[{"a":{"constructor":{}}}]]'],
    ['prototype', '{"prototype":1}'],
  ])('may not have %s', (_what, text) => {
    expect(faultInJsonText(text)).toEqual(expect.any(String));
  });

  it('is read in time that grows no faster than its length', () => {
    const started = process.cpuUsage();
    for (const text of [
      '"'.repeat(262_144),
      '\\'.repeat(262_144),
      '{'.repeat(262_144),
      '"\\'.repeat(131_072),
      '"" '.repeat(87_000),
    ]) {
      faultInJsonText(text);
    }
    expect(process.cpuUsage(started).user / 1000).toBeLessThan(1_000);
  });
});

describe('a parsed value', () => {
  it.each([['a'], ['\u{1f600}'], [{ a: [1, null, true, { b: 'c' }] }]])('can be stored: %j', (value) => {
    expect(isStorable(value)).toBe(true);
  });

  it.each([['\0'], ['a\0b'], ['\ud800'], [{ '\0': 1 }], [[{ a: ['x\udc00'] }]]])(
    'cannot be stored: %j',
    (value) => {
      expect(isStorable(value)).toBe(false);
    },
  );
});
