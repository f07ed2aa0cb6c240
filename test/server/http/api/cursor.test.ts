import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { makeCursors } from '../../../../server/http/api/cursor.ts';

const aKey = (id: string) => ({ id, key: randomBytes(32) });
const [first, second] = [aKey('a'), aKey('b')];
const cursors = makeCursors([first]);

const refuses = (cursor: string, list: 'clients' | 'users' = 'clients') =>
  expect(() => cursors.open(list, cursor)).toThrow(expect.objectContaining({ code: 'invalid_cursor' }));

describe('a cursor', () => {
  it('brings its place back, whatever that is', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 500, unit: 'grapheme' }), (place) => {
        expect(cursors.open('users', cursors.seal('users', place))).toBe(place);
      }),
    );
  });

  it('is refused after any change to any of its characters', () => {
    const cursor = cursors.seal('clients', '1700000000000.some-client');
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ %\0';
    fc.assert(
      fc.property(fc.nat(cursor.length - 1), fc.constantFrom(...alphabet.split('')), (at, character) => {
        fc.pre(cursor[at] !== character);
        refuses(cursor.slice(0, at) + character + cursor.slice(at + 1));
      }),
      { numRuns: 500 },
    );
  });

  it('is refused when it was cut, lengthened, made up, or is the bare place', () => {
    const cursor = cursors.seal('clients', 'place');
    const [place = '', tag = ''] = cursor.split('.');
    for (const other of [
      '',
      '.',
      place,
      tag,
      `${place}.`,
      `.${tag}`,
      cursor.slice(1),
      cursor.slice(0, -1),
      `${cursor}A`,
    ]) {
      refuses(other);
    }
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => refuses(text)));
    refuses('a'.repeat(100_000));
  });

  it('is refused by another list', () => {
    refuses(cursors.seal('users', 'place'), 'clients');
  });

  it('is refused under other keys, and still good when its key was moved back', () => {
    const cursor = cursors.seal('clients', 'place');
    expect(() => makeCursors([second]).open('clients', cursor)).toThrow();
    const rotated = makeCursors([second, first]);
    expect(rotated.open('clients', cursor)).toBe('place');
    expect(() => cursors.open('clients', rotated.seal('clients', 'place'))).toThrow();
  });

  it('needs a key', () => {
    expect(() => makeCursors([])).toThrow('key');
  });
});
