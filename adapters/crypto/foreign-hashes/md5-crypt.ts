import { hash as digestOf } from 'node:crypto';
import { areEqualTexts } from './encodings.ts';
import type { HashFamily } from './family.ts';

const form = /^(?:\{CRYPT\})?((\$(?:1|apr1)\$)([./A-Za-z0-9]{1,8})\$([./A-Za-z0-9]{22}))$/;
const alphabet = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** MD5-crypt of Unix, and Apache's, which differs from it in the word that goes into it. */
export const md5Crypt: HashFamily = {
  schemes: ['md5-crypt', 'apr1'],

  read(text) {
    const [, hash, magic] = form.exec(text) ?? [];
    if (hash === undefined) return undefined;
    return { scheme: magic === '$1$' ? 'md5-crypt' : 'apr1', hash, work: 10, weak: '1,000 rounds of MD5' };
  },

  verify(_scheme, hash, password) {
    const [, , magic = '', salt = '', output = ''] = form.exec(hash) ?? [];
    return areEqualTexts(compute(password, Buffer.from(magic), Buffer.from(salt)), output);
  },
};

const sum = (...parts: Buffer[]): Buffer => digestOf('md5', Buffer.concat(parts), 'buffer');

function compute(password: Buffer, magic: Buffer, salt: Buffer): string {
  const inner = sum(password, salt, password);
  const repeated = Array.from({ length: Math.ceil(password.length / 16) }, () => inner);
  const bits: Buffer[] = [];
  for (let length = password.length; length > 0; length >>= 1)
    bits.push(length & 1 ? Buffer.alloc(1) : password.subarray(0, 1));
  let result = sum(password, magic, salt, Buffer.concat(repeated).subarray(0, password.length), ...bits);
  for (let round = 0; round < 1000; round += 1) {
    const odd = round % 2 === 1;
    const parts = [odd ? password : result];
    if (round % 3 !== 0) parts.push(salt);
    if (round % 7 !== 0) parts.push(password);
    parts.push(odd ? result : password);
    result = sum(...parts);
  }
  return encode(result);
}

/** Groups of bytes in the order that the first author has chosen. */
function encode(bytes: Buffer): string {
  const at = (index: number): number => bytes[index] ?? 0;
  const groups = [0, 1, 2, 3, 4].map((first) =>
    sixBits((at(first) << 16) | (at(first + 6) << 8) | at(first === 4 ? 5 : first + 12), 4),
  );
  return groups.join('') + sixBits(at(11), 2);
}

function sixBits(value: number, count: number): string {
  return Array.from({ length: count }, (_, index) => alphabet[(value >> (6 * index)) & 63]).join('');
}
