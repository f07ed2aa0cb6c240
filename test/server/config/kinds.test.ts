import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { issuerUrl } from '../../../server/config/issuer.ts';
import * as kind from '../../../server/config/kinds.ts';

const accepts = (schema: { safeParse(text: string): { success: boolean } }, text: string): boolean =>
  schema.safeParse(text).success;

describe('a duration', () => {
  const perUnit = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 };

  it('is its number times its unit, in seconds', () => {
    const anyAmount = fc.integer({ min: 1, max: 999_999_999 });
    const anyUnit = fc.constantFrom('ms', 's', 'm', 'h', 'd');
    fc.assert(
      fc.property(anyAmount, anyUnit, (amount, unit) => {
        expect(kind.duration.parse(`${amount}${unit}`)).toBeCloseTo(amount * perUnit[unit], 6);
      }),
    );
  });

  it('loses no millisecond', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 999_999_999 }), (milliseconds) => {
        expect(Math.round(kind.duration.parse(`${milliseconds}ms`) * 1000)).toBe(milliseconds);
      }),
    );
    expect(kind.duration.parse('500ms')).toBe(0.5);
  });

  it('means the same in every unit that can hold it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000 }), (days) => {
        const inDays = kind.duration.parse(`${days}d`);
        expect(kind.duration.parse(`${days * 24}h`)).toBe(inDays);
        expect(kind.duration.parse(`${days * 1440}m`)).toBe(inDays);
      }),
    );
  });

  it('is nothing else', () => {
    const written = /^(?!0+[a-z])\d{1,9}(ms|s|m|h|d)$/;
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[-+ .\deE]*[a-zA-Z]{0,2}$/)), (text) => {
        expect(accepts(kind.duration, text)).toBe(written.test(text));
      }),
    );
  });

  it.each(['', '15', '15 m', ' 15m', '15m ', '1.5h', '-1s', '0s', '1h30m', '15M', '1e3s', '٣s', '15m\n'])(
    'is refused as %j',
    (text) => {
      expect(accepts(kind.duration, text)).toBe(false);
    },
  );

  it('keeps to its bounds, which belong to it', () => {
    const bounded = kind.durationBetween('1s', '60s');
    expect(['999ms', '1s', '1m', '61s'].map((text) => accepts(bounded, text))).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });
});

describe('a size', () => {
  it('is its number times a power of 1024', () => {
    const units = ['B', 'KiB', 'MiB', 'GiB'] as const;
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 999_999 }), fc.constantFrom(0, 1, 2, 3), (amount, power) => {
        expect(kind.size.parse(`${amount}${units[power]}`)).toBe(amount * 1024 ** power);
      }),
    );
  });

  it.each(['64', '64k', '64KB', '64 KiB', '1.5MiB', '-1B', 'KiB', '1TiB'])('is refused as %j', (text) => {
    expect(accepts(kind.size, text)).toBe(false);
  });
});

describe('numbers and words', () => {
  it.each(['0', '65536', '80.0', '0x50', '8e1', ' 80', '+80', '-1', '', '٨٠'])('a port is not %j', (text) => {
    expect(accepts(kind.port, text)).toBe(false);
  });

  it('a whole number is itself again', () => {
    const any = kind.wholeNumber(0, 999_999_999_999_999);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 999_999_999_999_999 }), (number) => {
        expect(any.parse(String(number))).toBe(number);
      }),
    );
  });

  it.each(['TRUE', 'yes', '1', 'on', ''])('a boolean is not %j', (text) => {
    expect(accepts(kind.boolean, text)).toBe(false);
  });

  it('a boolean is true or false', () => {
    expect([kind.boolean.parse('true'), kind.boolean.parse('false')]).toEqual([true, false]);
  });
});

describe('trusted proxies', () => {
  it('are a number of hops', () => {
    expect(kind.trustedProxies.parse('2')).toEqual({ kind: 'hops', count: 2 });
  });

  it('are addresses and networks, each with its prefix length', () => {
    expect(kind.trustedProxies.parse('10.0.0.0/8, 192.0.2.7  fd00::/8,::1')).toEqual({
      kind: 'networks',
      networks: ['10.0.0.0/8', '192.0.2.7/32', 'fd00::/8', '::1/128'],
    });
  });

  it.each([
    '0',
    '10',
    'true',
    '*',
    '10.0.0.0/33',
    '10.0.0.0/',
    '10.0.0/8',
    'fe80::1%eth0',
    'proxy.internal',
    ',',
    '1,10.0.0.0/8',
  ])('are not %j', (text) => {
    expect(accepts(kind.trustedProxies, text)).toBe(false);
  });
});

describe('hosts and networks', () => {
  it('are names in lower case, and networks', () => {
    expect(kind.hostsAndNetworks.parse('Hooks.Internal,10.20.0.0/16 ::1')).toEqual([
      'hooks.internal',
      '10.20.0.0/16',
      '::1/128',
    ]);
  });

  it.each(['https://hooks.internal', 'hooks.internal:8080', '*.internal', 'a_b', '10.20', '-a', 'a..b'])(
    'are not %j',
    (text) => {
      expect(accepts(kind.hostsAndNetworks, text)).toBe(false);
    },
  );
});

describe('an issuer', () => {
  it.each([
    'https://id.example.org',
    'https://id.example.org:8443',
    'https://x/auth/v1',
    'http://[::1]:3000',
  ])('may be %s', (text) => {
    expect(issuerUrl.parse(text)).toBe(text);
  });

  it.each([
    ['a slash at its end', 'https://id.example.org/', 'must not end with a slash'],
    ['a slash after its path', 'https://id.example.org/auth/', 'must not end with a slash'],
    ['a query', 'https://id.example.org?a=b', 'must not have a query'],
    ['an empty query', 'https://id.example.org?', 'must not have a query'],
    ['a fragment', 'https://id.example.org#a', 'must not have a fragment'],
    ['credentials', 'https://user:word@id.example.org', 'must not carry a user name or password'],
    ['capital letters', 'https://ID.example.org', 'must be in normal form'],
    ['the usual port written out', 'https://id.example.org:443', 'must be in normal form'],
    ['dot segments', 'https://id.example.org/a/../b', 'must be in normal form'],
    ['percent signs in its path', 'https://id.example.org/%61', 'must have a path of plain segments'],
    ['empty segments', 'https://id.example.org//auth', 'must have a path of plain segments'],
    ['no scheme', 'id.example.org', 'must be a URL that begins with https://'],
    ['another scheme', 'ftp://id.example.org', 'must be a URL that begins with https://'],
    ['spaces around it', ' https://id.example.org', 'must be a URL that begins with https://'],
  ])('must not have %s', (_what, text, complaint) => {
    expect(issuerUrl.safeParse(text).error?.issues[0]?.message).toMatch(new RegExp(`^${complaint}`));
  });
});

describe('addresses', () => {
  it.each(['a@localhost', 'Example <no-reply@example.org>', 'Bücher & more <a@example.org>'])(
    'a sender may be %j',
    (text) => {
      expect(kind.mailbox.parse(text)).toBe(text);
    },
  );

  it.each(['nobody', 'a@b@c', 'X <a@b', 'a@b\r\nBcc: c@d', 'X <a@b>, Y <c@d>', '<>'])(
    'a sender is not %j',
    (text) => {
      expect(accepts(kind.mailbox, text)).toBe(false);
    },
  );

  it.each(['mysql://h/d', 'h/d', 'postgres://a b/d', ''])('a database is not %j', (text) => {
    expect(accepts(kind.url(['postgres', 'postgresql'], 'url'), text)).toBe(false);
  });
});
