import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { hash as argon2 } from '@node-rs/argon2';
import { defaultArgon2Parameters } from '../../../adapters/crypto/argon2-hasher.ts';
import type { StoredPassword } from '../../../server/authn/password-hasher.ts';
import { aHasher, cheapParameters as cheap, someKey as k1 } from '../../contracts/hasher.ts';

const k2 = { id: 'k2', key: randomBytes(32) };

describe('argon2 hasher', () => {
  it('stores argon2id with the parameters of the decision, a salt of its own and the id of the key', async () => {
    const hasher = aHasher({ parameters: defaultArgon2Parameters });
    const [one, two] = await Promise.all([hasher.hash('correct horse'), hasher.hash('correct horse')]);
    expect(one.keyId).toBe('k1');
    expect(one.hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    expect(one.hash).not.toBe(two.hash);
    await expect(hasher.verify('correct horse', one)).resolves.toEqual({ kind: 'match', upgrade: false });
    await expect(hasher.verify('correct horsf', one)).resolves.toEqual({ kind: 'mismatch', why: 'wrong' });
  });

  it('takes the composed and the decomposed form of a letter for the same password', async () => {
    const hasher = aHasher();
    const stored = await hasher.hash('Zo\u00eb \u1e9b\u0323 pass');
    await expect(hasher.verify('Zoe\u0308 \u1e9b\u0323 pass', stored)).resolves.toMatchObject({
      kind: 'match',
    });
    await expect(hasher.verify('Zoe pass', stored)).resolves.toMatchObject({ kind: 'mismatch' });
    // NFC and not NFKC: letters that only look alike stay different.
    await expect(hasher.verify('Zo\u00eb \u1e69 pass', stored)).resolves.toMatchObject({ kind: 'mismatch' });
  });

  it('uses every one of 1,024 bytes', async () => {
    const hasher = aHasher();
    const longest = `${'é'.repeat(511)}ab`;
    const stored = await hasher.hash(longest);
    await expect(hasher.verify(longest, stored)).resolves.toMatchObject({ kind: 'match' });
    await expect(hasher.verify(`${longest.slice(0, -1)}c`, stored)).resolves.toMatchObject({
      kind: 'mismatch',
    });
    await expect(hasher.verify(longest.slice(0, -1), stored)).resolves.toMatchObject({ kind: 'mismatch' });
  });

  it('counts the bytes after normalisation', async () => {
    const hasher = aHasher();
    const decomposed = 'e\u0301'.repeat(512);
    const stored = await hasher.hash(decomposed);
    await expect(hasher.verify('é'.repeat(512), stored)).resolves.toMatchObject({ kind: 'match' });
  });

  it.each([
    ['empty', ''],
    ['of 1,025 bytes', 'a'.repeat(1025)],
    ['of a megabyte', 'a'.repeat(1_000_000)],
    ['no Unicode text', 'broken \ud800 pair'],
  ])('refuses to hash a password that is %s, before any work', async (_what, password) => {
    const hasher = aHasher();
    await expect(hasher.hash(password)).rejects.toMatchObject({
      code: 'invalid_input',
      fields: [{ field: 'password' }],
    });
    expect(hasher.count.hashes).toBe(0);
  });

  it('takes every byte for a part of the password, NUL too', async () => {
    const hasher = aHasher();
    const stored = await hasher.hash('abc\0def');
    await expect(hasher.verify('abc\0def', stored)).resolves.toMatchObject({ kind: 'match' });
    await expect(hasher.verify('abc\0xyz', stored)).resolves.toMatchObject({ kind: 'mismatch' });
  });

  const good = aHasher().hash('the password');
  const cases: [string, string, () => Promise<StoredPassword | undefined>, string][] = [
    ['nothing is stored', 'the password', async () => undefined, 'wrong'],
    ['the password is wrong', 'another', () => good, 'wrong'],
    ['the password is empty', '', () => good, 'wrong'],
    ['the password is too long', 'a'.repeat(1025), () => good, 'wrong'],
    ['it is empty and nothing is stored', '', async () => undefined, 'wrong'],
    ['the key is gone', 'the password', async () => ({ ...(await good), keyId: 'gone' }), 'unusable'],
    [
      'the stored text is broken',
      'the password',
      async () => ({ hash: '$argon2id$oops', keyId: 'k1' }),
      'unusable',
    ],
  ];

  it.each(cases)(
    'costs exactly one hash and does not match when %s',
    async (_what, password, stored, why) => {
      const hasher = aHasher();
      await expect(hasher.verify(password, await stored())).resolves.toEqual({ kind: 'mismatch', why });
      expect(hasher.count.hashes).toBe(1);
    },
  );

  it('costs one hash when it matches', async () => {
    const hasher = aHasher();
    await expect(hasher.verify('the password', await good)).resolves.toMatchObject({ kind: 'match' });
    expect(hasher.count.hashes).toBe(1);
  });

  it('verifies with an older key and asks for an upgrade', async () => {
    const stored = await aHasher({ keys: [k1] }).hash('p');
    const rotated = aHasher({ keys: [k2, k1] });
    await expect(rotated.verify('p', stored)).resolves.toEqual({ kind: 'match', upgrade: true });
    const fresh = await rotated.hash('p');
    expect(fresh.keyId).toBe('k2');
    await expect(rotated.verify('p', fresh)).resolves.toEqual({ kind: 'match', upgrade: false });
  });

  it('does not take a hash that was made without the key or with another key under its id', async () => {
    const bare = { hash: await argon2('p', cheap), keyId: 'k1' };
    await expect(aHasher().verify('p', bare)).resolves.toEqual({ kind: 'mismatch', why: 'wrong' });
    const foreign = await aHasher({ keys: [{ ...k2, id: 'k1' }] }).hash('p');
    await expect(aHasher().verify('p', foreign)).resolves.toEqual({ kind: 'mismatch', why: 'wrong' });
  });

  it.each([
    ['memory', { ...cheap, memoryCost: 128 }],
    ['time', { ...cheap, timeCost: 2 }],
    ['lanes', { ...cheap, parallelism: 2 }],
  ])('asks for an upgrade when %s is not what it should be', async (_what, parameters) => {
    const stored = await aHasher({ parameters }).hash('p');
    await expect(aHasher().verify('p', stored)).resolves.toEqual({ kind: 'match', upgrade: true });
  });

  it('needs a key', () => {
    expect(() => aHasher({ keys: [] })).toThrow('at least one password key');
  });
});
