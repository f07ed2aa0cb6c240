import { randomInt } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { makeLoadCommonPasswords } from '../../../adapters/passwords/common-passwords.ts';
import { makeFindPasswordFault } from '../../../server/authn/password-policy.ts';

const commonPasswords = makeLoadCommonPasswords();
const findFault = makeFindPasswordFault({
  commonPasswords,
  serviceWords: ['Example Login', 'id.shop.example'],
});
const about = ['ann.oakley@mill.example', 'oakley77', 'Ann Oakley', null, undefined, ''];
const asked = (password: string, shortest = 15) => findFault(password, { shortest, about });

describe('the list of common passwords', () => {
  it('holds more than 100,000 in less than two megabytes, read once by however many ask', async () => {
    const lists = await Promise.all(Array.from({ length: 20 }, () => commonPasswords()));
    expect(new Set(lists).size).toBe(1);
    expect(lists[0]?.size).toBeGreaterThan(150_000);
    expect((lists[0]?.size ?? 0) * 8).toBeLessThan(2_000_000);
  });

  it.each(['123456', 'password', 'trustno1', 'smith', 'abacus', 'zebra'])('has %s', async (word) => {
    expect((await commonPasswords()).includes(word)).toBe(true);
  });

  it('has hardly a text that was made by chance', async () => {
    const list = await commonPasswords();
    const texts = Array.from({ length: 20_000 }, () => Math.random().toString(36).slice(2, 14));
    expect(texts.filter((text) => list.includes(text))).toEqual([]);
  });
});

describe('the password policy', () => {
  it.each([
    ['a phrase of listed words', 'correct horse battery staple'],
    ['a phrase without spaces', 'monkeydragonhouse'],
    ['a phrase in another script', 'моя собака любит рыбу'],
    ['ideographs', '犬は魚が好きです昨日から雨が降る'],
    ['15 random characters', 'x7KqZ2mVb9TgR4w'],
    ['15 random digits', '739184620573815'],
    ['no letter, no digit', '(?~{=+*#%&:;>§)'],
    ['a name beside much else', 'Oakley paints blue whales'],
  ])('takes %s', async (_what, password) => {
    await expect(asked(password)).resolves.toBeUndefined();
  });

  it.each([
    ['too short', 'x7KqZ2mVb9TgR4', 'at least 15 characters'],
    ['a listed word with digits behind it', 'password1234567', 'common password'],
    ['a listed word with other digits', 'letmein83920173', 'common password'],
    ['a listed word with signs around it', '!!!password!!!!!!', 'common password'],
    ['a listed word in capitals', 'PassWord20242024', 'common password'],
    ['a listed word in full width', 'ｐａｓｓｗｏｒｄ20242024', 'common password'],
    ['a listed word with look-alikes', 'P4$$w0rd-837465', 'common password'],
    ['a listed word spelt out', 'p-a-s-s-w-o-r-d-1', 'common password'],
    ['a listed password twice', 'trustno1trustno1', 'repeats itself'],
    ['a listed word twice and a digit', 'fisherman fisherman 4', 'common password'],
    ['one character many times', 'zzzzzzzzzzzzzzzzzzzz', 'repeats itself'],
    ['a few characters many times', 'xk7xk7xk7xk7xk7x', 'repeats itself'],
    ['digits in their order', '0123456789012345', 'repeats itself'],
    ['letters in their order', 'abcdefghijklmnopqrstuvw', 'Runs of characters'],
    ['rows of a keyboard', 'qwertyuiopasdfghjkl', 'Runs of characters'],
    ['a short word and a run', 'abc123456789000', 'Runs of characters'],
    ['the name', 'AnnOakley123456', 'known to others'],
    ['the address', 'ann.oakley@mill.example', 'known to others'],
    ['the user name', 'oakley77-oakley-1', 'known to others'],
    ['the name of the service', 'ExampleLogin2026!', 'known to others'],
    ['the host', 'id.shop.example', 'known to others'],
  ])('refuses %s and says why', async (_what, password, reason) => {
    await expect(asked(password)).resolves.toContain(reason);
  });

  it('takes eight characters beside a second factor, and refuses the same things', async () => {
    await expect(asked('nut-kiln', 8)).resolves.toBeUndefined();
    await expect(asked('nut-kil', 8)).resolves.toContain('at least 8 characters');
    await expect(asked('dragon99', 8)).resolves.toContain('common password');
    await expect(asked('Oakley77', 8)).resolves.toContain('known to others');
  });

  it('refuses less than one of a hundred texts that were made by chance', async () => {
    const signs = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
    const random = (length: number) => Array.from({ length }, () => signs[randomInt(signs.length)]).join('');
    for (const length of [8, 15, 24]) {
      const faults = await Promise.all(Array.from({ length: 1000 }, () => asked(random(length), length)));
      expect(faults.filter((fault) => fault !== undefined).length).toBeLessThan(10);
    }
  });

  it('is through the longest password in a moment', async () => {
    const longest = `${'xk7q9z'.repeat(160)}${'1!'.repeat(30)}`;
    const began = performance.now();
    for (let round = 0; round < 20; round += 1) await asked(longest);
    expect(performance.now() - began).toBeLessThan(1000);
  });
});
