import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { foldLoginName, withAsciiDomain } from '../../../../server/accounts/account.ts';
import { faultInEmailAddress } from '../../../../server/accounts/login-name-rules.ts';
import { faultInChosenUsername } from '../../../../server/accounts/names/chosen-username.ts';
import { isOfOneScript } from '../../../../server/accounts/names/scripts.ts';
import { skeletonOf } from '../../../../server/accounts/names/skeleton.ts';

const service = ['Example House', 'id.example.org'];

describe('a user name that somebody chooses', () => {
  it.each([
    'maria.lopez',
    'María-José_2',
    '李小龙',
    'ひらがなカタカナ漢字',
    'नमस्ते',
    'Юлия',
    '7of9',
    'Ελένη',
    'שרה',
  ])('may be %s', (name) => {
    expect(faultInChosenUsername(name, service)).toBeUndefined();
  });

  it.each([
    ['of two scripts', 'pаypal', /one script/],
    ['of Latin and Greek', 'αlpha', /one script/],
    ['of a script that hardly anybody writes', '𐎠𐎼𐎹', /letters|script/],
    ['Cyrillic and looks Latin', 'сосо', /Latin letters/],
    ['Greek and looks Latin', 'ονο', /Latin letters/],
    ['reserved', 'Admin', /kept/],
    ['reserved, with a digit for a letter', 'he1p', /kept/],
    ['reserved, in full-width letters', 'ｒｏｏｔ', /kept/],
    ['reserved, with a look-alike pair', 'adrnin', /kept/],
    ['the name of the service', 'example', /kept/],
    ['an address', 'a@example.org', /no @/],
  ])('may not be %s', (_what, name, words) => {
    expect(faultInChosenUsername(name, service)).toMatch(words);
  });

  it('decides on hostile names in a time that does not explode', () => {
    const begun = performance.now();
    for (const letter of ['ﷺ', 'ａ', 'а', '𝒂', 'ℌ']) faultInChosenUsername(letter.repeat(1024), service);
    expect(performance.now() - begun).toBeLessThan(500);
  });
});

describe('the skeleton of a name', () => {
  it.each([
    ['Straße', 'strasse'],
    ['Οδυσσεύς', 'ΟΔΥΣΣΕΎΣ'],
    ['coco', 'сосо'],
    ['modern', 'rnodern'],
    ['bob0', 'bobo'],
    ['ﬁne', 'fine'],
  ])('is the same for %s and %s', (one, other) => {
    expect(skeletonOf(one)).toBe(skeletonOf(other));
  });

  it('is the same for all spellings that are compared as one', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 20 }), (name) => {
        expect(skeletonOf(foldLoginName(name))).toBe(skeletonOf(name));
        expect(skeletonOf(name.normalize('NFD'))).toBe(skeletonOf(name.normalize('NFC')));
      }),
    );
  });

  it('stays what it is', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z0-9а-яα-ω._-]{1,20}$/), (name) => {
        expect(skeletonOf(skeletonOf(name))).toBe(skeletonOf(name));
      }),
    );
  });
});

describe('the compared form of a name', () => {
  it('is its own compared form', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 30 }), (name) => {
        expect(foldLoginName(foldLoginName(name))).toBe(foldLoginName(name));
      }),
    );
  });

  it('is for names in ASCII what it was before there were others', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary-ascii', maxLength: 40 }), (name) => {
        expect(foldLoginName(name)).toBe(name.trim().toLowerCase());
      }),
    );
  });

  it.each([
    ['Name@BÜCHER.example', 'name@xn--bcher-kva.example'],
    ['name@xn--BCHER-kva.example', 'name@xn--bcher-kva.example'],
    ['name@faß.example', 'name@xn--fa-hia.example'],
  ])('of %s is %s', (written, compared) => {
    expect(foldLoginName(written)).toBe(compared);
    expect(faultInEmailAddress(written)).toBeUndefined();
  });

  it('is what mail is sent to, but for the casing', () => {
    expect(withAsciiDomain('Name@bücher.example')).toBe('Name@xn--bcher-kva.example');
    expect(withAsciiDomain('no address')).toBe('no address');
  });
});

it('a name of one script has no letters of another', () => {
  expect(['abc', 'ab1._-', 'カナ漢字かな', '한글漢字'].map(isOfOneScript)).toEqual([true, true, true, true]);
  expect(['aбc', 'かな한글', 'αa'].map(isOfOneScript)).toEqual([false, false, false]);
});
