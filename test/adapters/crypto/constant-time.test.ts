import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { equal } from '../../../adapters/crypto/constant-time.ts';

describe('comparison in constant time', () => {
  it('agrees with the plain comparison, for texts of any length', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        expect(equal(a, b)).toBe(a === b);
        expect(equal(a, a)).toBe(true);
      }),
    );
  });

  it('compares bytes with text', () => {
    expect(equal(Buffer.from('ä'), 'ä')).toBe(true);
    expect(equal(new Uint8Array([1]), new Uint8Array([1, 0]))).toBe(false);
  });
});
