import { expect, it } from '@jest/globals';
import { etagOf, readIfMatch } from '../../../../server/http/api/etag.ts';

it.each([
  ['', false],
  ['*', false],
  ['"v3"', true],
  ['"v2", "v3"', true],
  [' "v3" ,"v4"', true],
])('lets If-Match %j pass for version 3', (header, binding) => {
  const precondition = readIfMatch(header);
  expect(precondition.binding).toBe(binding);
  expect(() => precondition.check(3)).not.toThrow();
});

it.each(['"v2"', 'W/"v3"', 'v3', '3', '"3"', '"v33"', '"v3', '"V3"', '"v2", W/"v3"', ',', '"v3" "v3"', '**'])(
  'refuses If-Match %j for version 3',
  (header) => {
    expect(() => readIfMatch(header).check(3)).toThrow(
      expect.objectContaining({ code: 'precondition_failed' }),
    );
  },
);

it('is what the object says of itself', () => {
  expect(() => readIfMatch(etagOf(12)).check(12)).not.toThrow();
});
