import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { networkOf } from '../../../../server/authn/lockout/network.ts';

describe('the network that an attempt is counted for', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['::ffff:c000:207', '192.0.2.7'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['2001:0DB8:0000:0000:ffff:1:2:3', '2001:db8:0:0::/64'],
    ['2001:db8:0:1::1', '2001:db8:0:1::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['::', '0:0:0:0::/64'],
    ['64:ff9b::192.0.2.7', '64:ff9b:0:0::/64'],
    ['1:2:3:4:5:6:7::', '1:2:3:4::/64'],
    ['', 'unknown'],
    ['a', 'unknown'],
    ['1.2.3', 'unknown'],
  ])('of %s is %s', (ip, network) => {
    expect(networkOf(ip)).toBe(network);
  });

  it('is the same for every address of a /64, and another one for the next', () => {
    const group = fc.integer({ min: 0, max: 0xffff });
    fc.assert(
      fc.property(
        fc.tuple(group, group, group, group),
        fc.array(group, { minLength: 8, maxLength: 8 }),
        (prefix, rest) => {
          const text = (groups: number[]) => groups.map((each) => each.toString(16)).join(':');
          fc.pre(prefix.some((each) => each !== 0));
          const one = networkOf(text([...prefix, ...rest.slice(0, 4)]));
          expect(networkOf(text([...prefix, ...rest.slice(4)]))).toBe(one);
          const [a, b, c, d] = prefix;
          expect(networkOf(text([a, b, c, d ^ 1, ...rest.slice(0, 4)]))).not.toBe(one);
        },
      ),
    );
  });

  it('is one for all that is no address, which is never an error', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(typeof networkOf(text)).toBe('string');
      }),
    );
    expect(networkOf(undefined)).toBe('unknown');
  });
});
