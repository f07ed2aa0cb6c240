import { describe, expect, it } from '@jest/globals';
import {
  faultInNewPassword,
  shortestChosenPassword,
  shortestOperatorPassword,
} from '../../../server/authn/password-rules.ts';

describe('rules for new passwords', () => {
  it('has the numbers of the decision', () => {
    expect(shortestOperatorPassword).toBe(8);
    expect(shortestChosenPassword).toBe(15);
  });

  it.each([
    ['of only small letters', 'aaaaaaaa'],
    ['of spaces', '        '],
    ['of eight code points outside the BMP', '🙂'.repeat(8)],
    ['of 1,024 bytes', 'a'.repeat(1024)],
    ['that fits only after normalisation', 'e\u0301'.repeat(512)],
  ])('takes a password %s', (_what, password) => {
    expect(faultInNewPassword(password, 8)).toBeUndefined();
  });

  it.each([
    ['empty', '', 'at least 8 characters'],
    ['of seven letters', 'abcdefg', 'at least 8 characters'],
    ['of four code points in eight units', '🙂'.repeat(4), 'at least 8 characters'],
    ['of seven letters with accents in fourteen code points', 'e\u0301'.repeat(7), 'at least 8 characters'],
    ['of 1,025 bytes', 'a'.repeat(1025), 'at most 1024 bytes'],
    ['of 513 letters of two bytes', 'é'.repeat(513), 'at most 1024 bytes'],
    ['with half a surrogate pair', `${'a'.repeat(20)}\ud800`, 'broken'],
  ])('refuses a password %s', (_what, password, reason) => {
    expect(faultInNewPassword(password, 8)).toContain(reason);
  });
});
