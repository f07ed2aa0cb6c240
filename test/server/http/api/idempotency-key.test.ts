import { expect, it } from '@jest/globals';
import { readIdempotencyKey } from '../../../../server/http/api/idempotency-key.ts';

const uuid = '8e03978e-40d5-43e8-bc93-6894a57f9324';

it.each([
  ['', undefined],
  [`"${uuid}"`, uuid],
  [uuid, uuid],
  ['"a b"', 'a b'],
  ['"a\\"b\\\\c"', 'a"b\\c'],
  [`"${'k'.repeat(255)}"`, 'k'.repeat(255)],
])('the key of %j', (header, key) => {
  expect(readIdempotencyKey(header)).toBe(key);
});

it.each([
  '""',
  '"',
  '"a',
  'a"',
  '"a"b"',
  '"a\\b"',
  '"a\\"',
  '"ä"',
  '"a\tb"',
  '"a", "b"',
  'a, b',
  'a b',
  '"a";x=1',
  ' ',
  `"${'k'.repeat(256)}"`,
  'k'.repeat(256),
])('refuses %j', (header) => {
  expect(() => readIdempotencyKey(header)).toThrow(
    expect.objectContaining({ code: 'invalid_idempotency_key' }),
  );
});
