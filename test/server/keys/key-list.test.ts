import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseKeyList } from '../../../server/keys/key-list.ts';

const a = randomBytes(32);
const b = randomBytes(48);

describe('list of keys', () => {
  it.each([
    ['base64url', a.toString('base64url')],
    ['hex', a.toString('hex')],
    ['upper case hex', a.toString('hex').toUpperCase()],
    ['base64 as openssl writes it', a.toString('base64')],
  ])('reads a bare key in %s and names it by its SHA-256', (_form, text) => {
    const id = createHash('sha256').update(a).digest('hex').slice(0, 8);
    expect(parseKeyList(text)).toEqual([{ id, key: a }]);
  });

  it('reads named keys in their order, separated by commas and white space', () => {
    const text = ` new:${a.toString('hex')},\n old-1:${b.toString('base64url')}\n`;
    expect(parseKeyList(text)).toEqual([
      { id: 'new', key: a },
      { id: 'old-1', key: b },
    ]);
  });

  it.each([
    ['nothing', ' , ', 'the list of keys is empty'],
    ['a short key', randomBytes(31).toString('base64url'), 'key 1 has 31 bytes; at least 32 are needed'],
    ['a key of other signs', `x:${'ä'.repeat(50)}`, 'key 1 is neither base64url nor hex, or it is cut off'],
    ['a named key without material', 'x:', 'key 1 is neither base64url nor hex, or it is cut off'],
    [
      'an empty id',
      `:${a.toString('hex')}`,
      'the id of key 1 may have 1 to 32 letters, digits, "_" and "-" only',
    ],
    ['two keys of one id', `x:${a.toString('hex')} x:${b.toString('hex')}`, 'two keys have the id x'],
    [
      'one key twice',
      `${a.toString('hex')} ${a.toString('base64url')}`,
      expect.stringMatching(/^two keys have the id/),
    ],
  ])('refuses %s', (_what, text, reason) => {
    expect(() => parseKeyList(text)).toThrow(expect.objectContaining({ message: reason }));
  });

  it('never repeats key material in its reasons', () => {
    const secret = fc.stringMatching(/^[A-Za-z0-9_=:-]{12,60}$/);
    fc.assert(
      fc.property(secret, secret, (first, second) => {
        try {
          parseKeyList(`${first},${second}`);
        } catch (error) {
          const message = error instanceof Error ? error.message : '';
          for (const part of [first, second].flatMap((text) => text.split(':'))) {
            if (part.length >= 12)
              expect(message.startsWith('two keys') || !message.includes(part)).toBe(true);
          }
        }
      }),
    );
  });
});
