import { pbkdf2Sync } from 'node:crypto';
import { areEqual, fromBase64, toBase64 } from './encodings.ts';
import type { HashFamily, KnownHash } from './family.ts';

type Digest = 'sha1' | 'sha256' | 'sha512';
const outputOf = { sha1: 20, sha256: 32, sha512: 64 } as const;
/** Microseconds of one iteration. */
const priceOf = { sha1: 0.5, sha256: 0.3, sha512: 1 } as const;

/** `$pbkdf2-sha256$i=27500$salt$hash` (PHC) and `$pbkdf2-sha256$29000$salt$hash` (passlib, whose SHA-1 has no name). */
const dollar =
  /^\$pbkdf2(?:-(sha1|sha256|sha512))?\$(?:i=)?(\d{1,9})(?:,l=\d{1,3})?\$([A-Za-z0-9+/.=]{0,340})\$([A-Za-z0-9+/.=]{14,340})$/;
/** `{PBKDF2-SHA256}10000$salt$hash` of OpenLDAP's module and 389 Directory Server's newer form. */
const ldap =
  /^\{PBKDF2(?:-(SHA1|SHA256|SHA512))?\}(\d{1,9})\$([A-Za-z0-9+/.=]{0,340})\$([A-Za-z0-9+/.=]{14,340})$/;
/** `pbkdf2_sha256$260000$salt$hash` of Django, whose salt is text. */
const django = /^pbkdf2_(sha1|sha256)\$(\d{1,9})\$([^$]{1,128})\$([A-Za-z0-9+/]{14,340}={0,2})$/;

/** PBKDF2 (RFC 8018) with HMAC-SHA-1, SHA-256 and SHA-512. */
export const pbkdf2: HashFamily = {
  schemes: ['pbkdf2-sha1', 'pbkdf2-sha256', 'pbkdf2-sha512'],

  read(text) {
    const [, digest = 'sha1', iterations, salt, output] = dollar.exec(text) ?? ldap.exec(text) ?? [];
    if (salt !== undefined && output !== undefined)
      return known(digest.toLowerCase(), Number(iterations), fromBase64(salt), fromBase64(output));
    const [, djangoDigest, rounds, saltText, hash] = django.exec(text) ?? [];
    if (djangoDigest === undefined || saltText === undefined || hash === undefined) return undefined;
    return known(djangoDigest, Number(rounds), Buffer.from(saltText, 'utf8'), fromBase64(hash));
  },

  verify(scheme, hash, password) {
    const [, , iterations = '', salt = '', output = ''] = hash.split('$');
    const expected = Buffer.from(output, 'base64');
    const digest = scheme.slice('pbkdf2-'.length);
    const rounds = Number(iterations.slice('i='.length));
    const found = pbkdf2Sync(password, Buffer.from(salt, 'base64'), rounds, expected.length, digest);
    return areEqual(found, expected);
  },
};

function known(
  name: string,
  iterations: number,
  salt: Buffer | undefined,
  output: Buffer | undefined,
): KnownHash | undefined {
  if (!isDigest(name) || salt === undefined || output === undefined) return undefined;
  if (iterations === 0 || output.length < 10) return undefined;
  const scheme = `pbkdf2-${name}`;
  const blocks = Math.ceil(output.length / outputOf[name]);
  const fewest = name === 'sha1' ? 100_000 : 10_000;
  return {
    scheme,
    hash: `$${scheme}$i=${iterations}$${toBase64(salt)}$${toBase64(output)}`,
    work: (iterations * blocks * priceOf[name]) / 1000,
    weak: iterations < fewest ? `PBKDF2 with ${name} and fewer than ${fewest} iterations` : undefined,
  };
}

const isDigest = (name: string): name is Digest => Object.hasOwn(outputOf, name);
