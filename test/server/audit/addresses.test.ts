import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { type AddressDetail, makeAddresses } from '../../../server/audit/addresses.ts';

const key = { id: 'now', key: randomBytes(32) };
const older = { id: 'before', key: randomBytes(32) };
const keeping = (detail: AddressDetail, keys = [key]) => makeAddresses({ detail, keys });

describe('what the audit log keeps of a network address', () => {
  it.each([
    ['full', '192.0.2.77', '192.0.2.77'],
    ['full', '2001:DB8:0:0::1', '2001:db8::1'],
    ['full', 'fe80::1%eth0', 'fe80::1'],
    ['truncated', '192.0.2.77', '192.0.2.0/24'],
    ['truncated', '2001:db8:1:2::1', '2001:db8:1::/48'],
    ['truncated', '::1', '::/48'],
    ['truncated', '2001:db8::1', '2001:db8::/48'],
    ['truncated', 'no address', 'unknown'],
  ] as const)('is, if %s, of %s only %s', (detail, ip, kept) => {
    expect(keeping(detail).kept(ip)).toBe(kept);
  });

  it('is, if keyed, a code that is the same for every spelling and another one for another address or key', () => {
    const { kept } = keeping('keyed');
    expect(kept('2001:db8::1')).toMatch(/^keyed:now:[\w-]{22}$/);
    expect(kept('2001:DB8:0::1')).toBe(kept('2001:db8::1'));
    expect(kept('2001:db8::2')).not.toBe(kept('2001:db8::1'));
    expect(keeping('keyed', [older]).kept('2001:db8::1').split(':')[2]).not.toBe(
      kept('2001:db8::1').split(':')[2],
    );
  });

  it('is found by the address, whatever the setting and the keys were when it was written', () => {
    const forms = keeping('full', [key, older]).forms('192.0.2.77');
    for (const earlier of [
      keeping('full'),
      keeping('truncated'),
      keeping('keyed'),
      keeping('keyed', [older]),
    ])
      expect(forms).toContain(earlier.kept('192.0.2.77'));
  });
});
