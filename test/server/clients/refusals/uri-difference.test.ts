import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  compareUris,
  nearestUri,
  type UriDifference,
} from '../../../../server/clients/refusals/uri-difference.ts';

/** What was sent, with each marked part replaced by the one that should be there. */
function mended(sent: string, registered: string, difference: UriDifference): string {
  let text = '';
  let at = 0;
  difference.sent.forEach(([from, to], index) => {
    const [first = 0, last = 0] = difference.registered[index] ?? [];
    text += sent.slice(at, from) + registered.slice(first, last);
    at = to;
  });
  return text + sent.slice(at);
}

const registered = 'https://app.example:8443/callback?tenant=a';

const address = fc.oneof(
  fc.webUrl({ withQueryParameters: true, withFragments: true }),
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    registered,
    '',
    'https://',
    'com.example.app:/callback',
    'http://[::1]:3000/cb',
    '//x',
    '?#',
  ),
);

describe('the difference of two addresses', () => {
  it('is marked so that nothing outside of the marks differs', () => {
    fc.assert(
      fc.property(address, address, (one, two) => {
        const difference = compareUris(one, two);
        expect(mended(one, two, difference)).toBe(two);
        expect(difference.kinds.length === 0).toBe(one === two);
        expect(new Set(difference.kinds).size).toBe(difference.kinds.length);
        expect([difference.sent.length, difference.registered.length]).toEqual([
          difference.kinds.length,
          difference.kinds.length,
        ]);
      }),
      { numRuns: 2000 },
    );
  });

  it('marks no more than has to be changed', () => {
    fc.assert(
      fc.property(address, address, (one, two) => {
        const difference = compareUris(one, two);
        difference.sent.forEach(([from, to], index) => {
          const [first = 0, last = 0] = difference.registered[index] ?? [];
          const [ours, theirs] = [one.slice(from, to), two.slice(first, last)];
          // Nothing at the beginning or the end of a mark is the same on both sides.
          if (ours !== '' && theirs !== '') {
            expect(ours[0]).not.toBe(theirs[0]);
            expect(ours.at(-1)).not.toBe(theirs.at(-1));
          }
        });
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ['the scheme', 'http://app.example:8443/callback?tenant=a', 'scheme', ':', 's:'],
    ['the port', 'https://app.example:8444/callback?tenant=a', 'port', '4', '3'],
    ['a missing port', 'https://app.example/callback?tenant=a', 'port', '', ':8443'],
    ['the host', 'https://api.example:8443/callback?tenant=a', 'host', 'i', 'p'],
    ['capitals in the host', 'https://App.example:8443/callback?tenant=a', 'host_case', 'A', 'a'],
    ['a slash at the end', 'https://app.example:8443/callback/?tenant=a', 'trailing_slash', '/', ''],
    ['capitals in the path', 'https://app.example:8443/Callback?tenant=a', 'path_case', 'C', 'c'],
    ['encoded characters', 'https://app.example:8443/%63allback?tenant=a', 'path_encoding', '%63', 'c'],
    ['the path', 'https://app.example:8443/login?tenant=a', 'path', 'login', 'callback'],
    ['the query', 'https://app.example:8443/callback?tenant=b', 'query', 'b', 'a'],
    ['a fragment', `${registered}#here`, 'fragment', '#here', ''],
    ['credentials', 'https://me@app.example:8443/callback?tenant=a', 'credentials', 'me@', ''],
  ])('is %s', (_what, sent, kind, ours, theirs) => {
    const difference = compareUris(sent, registered);
    const [[from, to] = [0, 0]] = difference.sent;
    const [[first, last] = [0, 0]] = difference.registered;
    expect(difference.kinds).toEqual([kind]);
    // The common beginning goes first, so `http` and `https` differ in an `s` that is put in.
    expect([sent.slice(from, to), registered.slice(first, last)]).toEqual(
      kind === 'scheme' ? ['', 's'] : [ours, theirs],
    );
  });

  it('is that to the nearest registered address', () => {
    const several = [
      'https://other.example/callback',
      'https://app.example/callback',
      'https://app.example/',
    ];
    expect(nearestUri('https://app.example/callback/', several)).toBe('https://app.example/callback');
    expect(nearestUri('https://app.example/callback/', [])).toBeUndefined();
  });

  it('is found in no time however long an address is', () => {
    const long = Array.from({ length: 100 }, (_each, n) => `https://app.example/${n}${'a'.repeat(2000)}`);
    const began = performance.now();
    for (let turn = 0; turn < 20; turn += 1) nearestUri(`https://app.example/${'b'.repeat(50_000)}`, long);
    expect(performance.now() - began).toBeLessThan(2000);
  });
});
