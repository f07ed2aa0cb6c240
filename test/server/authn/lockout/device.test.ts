import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import {
  hashDeviceToken,
  mostDeviceTokens,
  parseDeviceTokens,
  renewDeviceTokens,
} from '../../../../server/authn/lockout/device.ts';
import { unknownCounter } from '../../../../server/authn/lockout/unknown-name.ts';

const aToken = () => randomBytes(32).toString('base64url');
const tokens = Array.from({ length: mostDeviceTokens + 1 }, aToken);

describe('what a browser holds to be known again', () => {
  it('is read as it was given', () => {
    const held = tokens.slice(0, mostDeviceTokens);
    expect(parseDeviceTokens(held.join('.'))).toEqual(held);
  });

  it.each([
    ['nothing', undefined],
    ['no text', ''],
    ['something else', 'abc'],
    ['dots', '....'],
    ['a token that is too long', `${aToken()}x`],
    ['text without end', aToken().repeat(1000)],
  ])('is nothing when it is %s', (_what, text) => {
    expect(parseDeviceTokens(text)).toEqual([]);
  });

  it('is never more than it may be', () => {
    expect(parseDeviceTokens(tokens.join('.'))).toHaveLength(mostDeviceTokens);
    expect(renewDeviceTokens(tokens, undefined, aToken())).toHaveLength(mostDeviceTokens);
  });

  it('has a new token after a sign-in instead of the one that was used, and keeps those of other accounts', () => {
    const [one = '', other = ''] = tokens;
    const fresh = aToken();
    const known = { id: 'x', tokenHash: hashDeviceToken(other) };
    expect(renewDeviceTokens([one, other], known, fresh)).toEqual([fresh, one]);
    expect(renewDeviceTokens([one, other], undefined, fresh)).toEqual([fresh, one, other]);
  });
});

describe('the counter of a name without an account', () => {
  it('is the same for the same name, and another one under another key', () => {
    const [key, other] = [randomBytes(32), randomBytes(32)];
    const names = Array.from({ length: 50 }, (_, index) => `nobody-${index}@example.org`);
    expect(names.map((name) => unknownCounter(key, name))).toEqual(
      names.map((name) => unknownCounter(key, name)),
    );
    expect(names.map((name) => unknownCounter(key, name))).not.toEqual(
      names.map((name) => unknownCounter(other, name)),
    );
  });

  it('is one of a fixed number, whatever strangers type', () => {
    const key = randomBytes(32);
    const counters = Array.from({ length: 2000 }, () => unknownCounter(key, aToken()));
    expect(Math.max(...counters)).toBeLessThan(2 ** 16);
    expect(new Set(counters).size).toBeGreaterThan(1900);
  });
});
