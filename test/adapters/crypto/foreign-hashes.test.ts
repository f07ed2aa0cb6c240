import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import {
  mostWork,
  readForeignHash,
  verifyForeignHash,
} from '../../../adapters/crypto/foreign-hashes/registry.ts';
import { makeForeignHashThread } from '../../../adapters/crypto/foreign-hashes/threads.ts';
import { passwordOf } from '../user-files/golden/people.ts';

interface Golden {
  tool: string;
  /** Whose password it is. */
  name: string;
  hash: string;
}

const golden: Golden[] = JSON.parse(
  readFileSync(new URL('../user-files/golden/hashes.json', import.meta.url), 'utf8'),
);

function known(text: string) {
  const reading = readForeignHash(text);
  if (reading.kind === 'refused') throw new Error(reading.why);
  return reading;
}

describe('a password hash of another system', () => {
  it.each(golden)('of $tool is that of its password ($name) and of no other', ({ name, hash }) => {
    const { password } = known(hash);
    const bytes = Buffer.from(passwordOf(name), 'utf8');
    expect(verifyForeignHash(password.scheme, password.hash, bytes)).toBe(true);
    expect(verifyForeignHash(password.scheme, password.hash, Buffer.concat([Buffer.from('.'), bytes]))).toBe(
      false,
    );
    expect(verifyForeignHash(password.scheme, password.hash, Buffer.alloc(0))).toBe(false);
  });

  it('of Firebase is computed as its authors publish it', () => {
    const text =
      '$firebase-scrypt$ln=14,r=8,sep=Bw,key=jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA$42xEC+ixf3L2lw$lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ';
    const { password } = known(text);
    expect(verifyForeignHash(password.scheme, password.hash, Buffer.from('user1password'))).toBe(true);
    expect(verifyForeignHash(password.scheme, password.hash, Buffer.from('user2password'))).toBe(false);
  });

  it('is read a second time as it was the first', () => {
    for (const { hash } of golden) {
      const { password } = known(hash);
      expect(known(password.hash).password.hash).toBe(password.hash);
    }
  });

  const salt = 'c2FsdHNhbHQ';
  const output = 'A'.repeat(43);
  it.each([
    ['bcrypt of cost 31', `$2b$31$${'a'.repeat(53)}`],
    ['bcrypt of cost 14', `$2y$14$${'a'.repeat(53)}`],
    ['argon2 with 4 GiB', `$argon2id$v=19$m=4194304,t=1,p=1$${salt}$${output}`],
    ['argon2 with a million passes', `$argon2id$v=19$m=8192,t=1000000,p=1$${salt}$${output}`],
    ['PBKDF2 of a billion iterations', `$pbkdf2-sha256$999999999$${salt}$${output}`],
    ['PBKDF2 of Django with as many', `pbkdf2_sha256$999999999$salt$${output}=`],
    ['scrypt with 32 GiB', `$scrypt$ln=25,r=8,p=1$${salt}$${output}`],
    ['scrypt with many lanes', `$scrypt$ln=14,r=8,p=999$${salt}$${output}`],
    ['scrypt of Django with N of two billion', `scrypt$2147483648$salt$8$1$${output}=`],
    ['SHA-crypt of a billion rounds', `$6$rounds=999999999$salt$${'a'.repeat(86)}`],
    ['phpass of a billion rounds', `$P$S${'a'.repeat(30)}`],
  ])('is refused when its cost is out of all proportion: %s', (_what, text) => {
    const reading = readForeignHash(text);
    expect(reading).toMatchObject({ kind: 'refused', why: expect.stringContaining('cost too much') });
    expect(JSON.stringify(reading)).not.toContain(salt);
  });

  it.each([
    ['nothing', ''],
    ['plain text', 'password'],
    ['DES', 'rqXexS6ZhobKA'],
    ['a hash with something behind it', `$2b$10$${'a'.repeat(53)} `],
    ['a hash with a line end in it', `$1$salt\n$${'a'.repeat(22)}`],
    ['a hash with a NUL', `$2b$10$${'a'.repeat(52)}\0`],
    ['base64 that is cut off', '{SSHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g'],
    ['a megabyte', `$6$${'a'.repeat(1_000_000)}`],
    ['argon2 without passes', `$argon2id$v=19$m=8192,t=0,p=1$${salt}$${output}`],
    ['scrypt whose N is no power of two', `scrypt$16385$salt$8$1$${output}=`],
  ])('is refused when it is none: %s', (_what, text) => {
    expect(readForeignHash(text)).toMatchObject({ kind: 'refused' });
  });

  it('is weak when a thief would find the password soon', () => {
    const weak = golden.filter(({ hash }) => known(hash).weak !== undefined).map(({ tool }) => tool);
    const strong = golden.filter(({ hash }) => known(hash).weak === undefined).map(({ tool }) => tool);
    expect(new Set(weak)).toEqual(
      new Set([
        'openssl passwd -1',
        'openssl passwd -apr1',
        'mkpasswd -m sha-512 -R 1000',
        'mkpasswd -m bcrypt -R 5',
        ...['SHA', 'SSHA', 'MD5', 'SMD5', 'SHA256', 'SSHA256', 'SHA384', 'SSHA384', 'SHA512', 'SSHA512'].map(
          (scheme) => `slappasswd -h {${scheme}}`,
        ),
        'passlib phpbb',
      ]),
    );
    expect(strong).toContain('passlib pbkdf2-sha1');
  });

  it('is reckoned within what a sign-in may cost', () => {
    for (const { tool, hash } of golden) {
      const { work } = known(hash).password;
      expect({ tool, isWithin: work > 0 && work <= mostWork }).toEqual({ tool, isWithin: true });
    }
  });
});

describe('the thread for hashes of other systems', () => {
  it('gives everybody the verdict on their own hash, and none on what cannot be checked', async () => {
    const thread = makeForeignHashThread();
    const verdicts = golden.slice(0, 10).flatMap(({ name, hash }) => {
      const { password } = known(hash);
      return [
        thread.verify(password, Buffer.from(passwordOf(name))),
        thread.verify(password, Buffer.from('wrong')),
        thread.verify({ ...password, scheme: 'unheard of' }, Buffer.from(passwordOf(name))),
      ];
    });
    await expect(Promise.all(verdicts)).resolves.toEqual(
      golden.slice(0, 10).flatMap(() => [true, false, undefined]),
    );
  });
});
