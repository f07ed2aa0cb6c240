import { hash as digestOf } from 'node:crypto';
import { areEqualTexts } from './encodings.ts';
import type { HashFamily } from './family.ts';

const alphabet = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const form = /^(\$[PH]\$)([./A-Za-z0-9])([./A-Za-z0-9]{8})([./A-Za-z0-9]{22})$/;

/** The portable hash of phpass: WordPress before 6.8 (`$P$`) and phpBB (`$H$`). */
export const phpass: HashFamily = {
  schemes: ['phpass'],

  read(text) {
    const [, , cost] = form.exec(text) ?? [];
    if (cost === undefined) return undefined;
    const rounds = 2 ** alphabet.indexOf(cost);
    if (rounds < 2 ** 7 || rounds > 2 ** 30) return undefined;
    return { scheme: 'phpass', hash: text, work: rounds * 0.02, weak: 'rounds of MD5' };
  },

  verify(_scheme, hash, password) {
    const [, , cost = '', salt = '', output = ''] = form.exec(hash) ?? [];
    let digest = digestOf('md5', Buffer.concat([Buffer.from(salt, 'latin1'), password]), 'buffer');
    for (let left = 2 ** alphabet.indexOf(cost); left > 0; left -= 1)
      digest = digestOf('md5', Buffer.concat([digest, password]), 'buffer');
    return areEqualTexts(encode(digest), output);
  },
};

/** Six bits a character, the lowest first. */
function encode(bytes: Buffer): string {
  let text = '';
  for (let start = 0; start < bytes.length; start += 3) {
    const group = bytes.subarray(start, start + 3);
    const value = group.reduce((sum, byte, index) => sum | (byte << (8 * index)), 0);
    for (let index = 0; index <= group.length; index += 1) text += alphabet[(value >> (6 * index)) & 63];
  }
  return text;
}
