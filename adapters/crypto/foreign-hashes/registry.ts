import type { ForeignHashReading } from '../../../server/authn/foreign-password.ts';
import { argon2 } from './argon2.ts';
import { bcrypt } from './bcrypt.ts';
import type { HashFamily } from './family.ts';
import { md5Crypt } from './md5-crypt.ts';
import { pbkdf2 } from './pbkdf2.ts';
import { phpass } from './phpass.ts';
import { saltedDigest } from './salted-digest.ts';
import { scrypt } from './scrypt.ts';
import { shaCrypt } from './sha-crypt.ts';

/** Every family that there is: another one joins here. */
const families: readonly HashFamily[] = [
  bcrypt,
  argon2,
  pbkdf2,
  scrypt,
  saltedDigest,
  md5Crypt,
  shaCrypt,
  phpass,
];
const familyOf = new Map(families.flatMap((family) => family.schemes.map((scheme) => [scheme, family])));

/** Milliseconds and KiB that one check may cost: whoever writes an import decides what every sign-in to it costs us. */
export const mostWork = 1000;
export const mostMemory = 128 * 1024;
const longest = 1024;

/** Recognises a hash by its text. */
export function readForeignHash(text: string): ForeignHashReading {
  if (text.length > longest) return { kind: 'refused', why: 'This is too long for a password hash.' };
  for (const family of families) {
    const known = family.read(text);
    if (known === undefined) continue;
    const { scheme, hash, weak, memory = 0 } = known;
    const work = Math.ceil(known.work);
    if (work > mostWork || memory > mostMemory) {
      const bound = `${mostWork} ms and ${mostMemory / 1024} MiB are allowed`;
      return { kind: 'refused', why: `Checking this ${scheme} hash would cost too much: ${bound}.` };
    }
    return { kind: 'known', password: { scheme, hash, work }, weak };
  }
  return { kind: 'refused', why: 'This is no password hash of a kind that is known here.' };
}

/**
 * Whether the password is that of the hash.
 *
 * @throws Error when there is no such scheme, or the hash is not one that `readForeignHash` gave
 */
export function verifyForeignHash(scheme: string, hash: string, password: Buffer): boolean {
  const family = familyOf.get(scheme);
  if (family === undefined) throw new Error('a hash of an unknown scheme');
  return family.verify(scheme, hash, password);
}
