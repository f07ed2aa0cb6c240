import { hash as digestOf } from 'node:crypto';
import { areEqualTexts } from './encodings.ts';
import type { HashFamily } from './family.ts';

const form =
  /^(?:\{CRYPT\})?(\$([56])\$(?:rounds=(\d{1,9})\$)?([^$\s]{1,16})\$([./A-Za-z0-9]{43}|[./A-Za-z0-9]{86}))$/;
const kinds = {
  '5': { scheme: 'sha256-crypt', digest: 'sha256', size: 32, encoded: 43, price: 0.025 },
  '6': { scheme: 'sha512-crypt', digest: 'sha512', size: 64, encoded: 86, price: 0.025 },
} as const;
type Kind = keyof typeof kinds;
const usualRounds = 5000;
const alphabet = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** SHA-crypt of Unix (Drepper's specification 0.4), with SHA-256 and SHA-512. */
export const shaCrypt: HashFamily = {
  schemes: Object.values(kinds).map(({ scheme }) => scheme),

  read(text) {
    const [, hash, kind, given, , output] = form.exec(text) ?? [];
    if (hash === undefined || kind === undefined || !isKind(kind)) return undefined;
    const { scheme, encoded, price } = kinds[kind];
    if (output?.length !== encoded) return undefined;
    const rounds = roundsOf(given);
    const weak = rounds < usualRounds ? `SHA-crypt with ${rounds} rounds` : undefined;
    return { scheme, hash, work: rounds * price, weak };
  },

  verify(_scheme, hash, password) {
    const [, , kind = '', given, salt = '', output = ''] = form.exec(hash) ?? [];
    if (!isKind(kind)) return false;
    return areEqualTexts(compute(kind, password, Buffer.from(salt, 'utf8'), roundsOf(given)), output);
  },
};

const isKind = (kind: string): kind is Kind => Object.hasOwn(kinds, kind);

/** The specification bounds them, and makers of hashes do so too. */
function roundsOf(given: string | undefined): number {
  return given === undefined ? usualRounds : Math.max(1000, Number(given));
}

/** Numbers in the comments are the steps of the specification. */
function compute(kind: Kind, password: Buffer, salt: Buffer, rounds: number): string {
  const { digest, size } = kinds[kind];
  const sum = (...parts: Buffer[]): Buffer => digestOf(digest, Buffer.concat(parts), 'buffer');
  /** So many bytes of a digest, repeated as often as it takes. */
  const stretch = (bytes: Buffer, length: number): Buffer =>
    Buffer.concat(Array.from({ length: Math.ceil(length / size) }, () => bytes)).subarray(0, length);
  // 1 to 12
  const b = sum(password, salt, password);
  const bits: Buffer[] = [];
  for (let length = password.length; length > 0; length >>= 1) bits.push(length & 1 ? b : password);
  let result = sum(password, salt, stretch(b, password.length), ...bits);
  // 13 to 16
  const p = stretch(sum(...Array.from({ length: password.length }, () => password)), password.length);
  // 17 to 20
  const s = stretch(sum(...Array.from({ length: 16 + Number(result[0]) }, () => salt)), salt.length);
  // 21
  for (let round = 0; round < rounds; round += 1) {
    const odd = round % 2 === 1;
    const parts = [odd ? p : result];
    if (round % 3 !== 0) parts.push(s);
    if (round % 7 !== 0) parts.push(p);
    parts.push(odd ? result : p);
    result = sum(...parts);
  }
  return encode(result);
}

/** 22: groups of three bytes that lie a third of the digest apart, turned by one each time. */
function encode(bytes: Buffer): string {
  const third = Math.floor(bytes.length / 3);
  const turn = bytes.length === 64 ? [1, 2, 0] : [2, 0, 1];
  const at = (index: number): number => bytes[index] ?? 0;
  let order = [0, third, 2 * third];
  let text = '';
  for (let group = 0; group < third; group += 1) {
    const [high = 0, middle = 0, low = 0] = order;
    text += sixBits((at(high + group) << 16) | (at(middle + group) << 8) | at(low + group), 4);
    order = turn.map((index) => order[index] ?? 0);
  }
  return text + (bytes.length === 64 ? sixBits(at(63), 2) : sixBits((at(31) << 8) | at(30), 3));
}

function sixBits(value: number, count: number): string {
  return Array.from({ length: count }, (_, index) => alphabet[(value >> (6 * index)) & 63]).join('');
}
