import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { faultInEmailAddress, faultInUsername } from '../../../server/accounts/login-name-rules.ts';

describe('e-mail addresses', () => {
  it.each([
    'name@example.com',
    "o'brien+tag@mail.example.co.uk",
    'a@b.cd',
    'A_b-c.d%e=f@xn--bcher-kva.example',
    `${'a'.repeat(64)}@example.com`,
    'x@1and1.example',
    'name@bücher.example',
    'name@例え.テスト',
  ])('takes %s', (address) => {
    expect(faultInEmailAddress(address)).toBeUndefined();
  });

  it.each([
    ['nothing', ''],
    ['no @', 'name.example.com'],
    ['two @', 'a@b@example.com'],
    ['a full-width @', 'name＠example.com'],
    ['a line break', 'name@example.com\r\nBcc: other@example.org'],
    ['a line break at the end', 'name@example.com\n'],
    ['a quoted local part', '"a b"@example.com'],
    ['a quoted local part with an @', '"a@evil.example"@example.com'],
    ['a list', 'a@example.com,b@example.org'],
    ['a list with semicolons', 'a@example.com;b@example.org'],
    ['a name', 'Name <name@example.com>'],
    ['a comment', 'name(comment)@example.com'],
    ['a space', 'na me@example.com'],
    ['a NUL', 'name\0@example.com'],
    ['a sign that turns the direction of text', 'name\u202e@example.com'],
    ['letters outside ASCII', 'näme@example.com'],
    ['a domain in full-width letters', 'name@ｅxample.com'],
    ['a domain with a letter that is not seen', 'name@ex\u00adämple.com'],
    ['a dot at the start', '.name@example.com'],
    ['two dots', 'na..me@example.com'],
    ['a dot at the end of the local part', 'name.@example.com'],
    ['one label', 'name@localhost'],
    ['a dot at the end', 'name@example.com.'],
    ['an address literal', 'name@[192.0.2.1]'],
    ['an IP address', 'name@192.0.2.1'],
    ['a label with a hyphen at its end', 'name@example-.com'],
    ['a label of 64', `name@${'a'.repeat(64)}.com`],
    ['a local part of 65', `${'a'.repeat(65)}@example.com`],
    ['255 bytes', `name@${'a'.repeat(50)}.${'b.'.repeat(98)}ccc`],
    ['a percent route of old', 'a%b@c@example.com'],
  ])('refuses %s', (_what, address) => {
    expect(faultInEmailAddress(address)).toEqual(expect.any(String));
  });

  it('decides on any text in a time that does not explode', () => {
    const hostile = [
      'a.'.repeat(50_000),
      `${'a'.repeat(50_000)}@`,
      `a@${'a-'.repeat(50_000)}`,
      '@'.repeat(100_000),
    ];
    const start = process.hrtime.bigint();
    for (const text of hostile) expect(faultInEmailAddress(text)).toEqual(expect.any(String));
    expect(Number(process.hrtime.bigint() - start) / 1e6).toBeLessThan(500);
  });

  it('takes nothing with a control character, white space or a second @', () => {
    const bad = fc.constantFrom(...Array.from('\0\t\n\r \u007f\u0085\u2028@"<>(),;:\\[]'));
    fc.assert(
      fc.property(fc.nat(16), bad, (where, sign) => {
        const address = 'name@example.com';
        expect(faultInEmailAddress(address.slice(0, where) + sign + address.slice(where))).toEqual(
          expect.any(String),
        );
      }),
    );
  });
});

describe('what no address can be', () => {
  it('is refused by its length alone (ATTACKS F12)', () => {
    for (const written of [
      `a@example.org${'('.repeat(1000)}${')'.repeat(1000)}`,
      `${'a'.repeat(100_000)}@${'b.'.repeat(100_000)}org`,
      '@'.repeat(100_000),
      `x@${'ü'.repeat(400)}`,
    ])
      expect(faultInEmailAddress(written)).toBe('This address is too long.');
  });
});

describe('user names', () => {
  it.each(['a', 'maria.lopez', 'María-José_2', '李小龙', 'नमस्ते', '7of9', 'x'.repeat(64)])(
    'takes %s',
    (name) => {
      expect(faultInUsername(name)).toBeUndefined();
    },
  );

  it.each([
    ['nothing', ''],
    ['an @', 'name@example.com'],
    ['a small @', 'name﹫example'],
    ['65 letters', 'x'.repeat(65)],
    ['letters that become more than 64 when compared', 'ﬃ'.repeat(30)],
    ['a space', 'a b'],
    ['a space at the end', 'ab '],
    ['a NUL', 'a\0b'],
    ['a line break', 'a\nb'],
    ['a sign that turns the direction of text', 'a\u202eb'],
    ['a letter that is not seen', 'a\u3164b'],
    ['a joiner that is not seen', 'a\u200db'],
    ['a variation selector', 'a\ufe0fb'],
    ['a letter that becomes several words when compared', 'ﷺ'],
    ['a number in brackets', '⑴'],
    ['a dot at the start', '.a'],
    ['a slash', 'a/b'],
    ['markup', '<b>'],
    ['half a surrogate pair', 'a\ud800'],
    ['a mark without letter', '\u0301a'],
  ])('refuses %s', (_what, name) => {
    expect(faultInUsername(name)).toEqual(expect.any(String));
  });
});
