import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { type Envelope, makeEnvelope } from '../../adapters/crypto/envelope.ts';
import type { Database } from '../../adapters/postgres/connection/database.ts';
import type { NamedKey } from '../../server/keys/key-list.ts';
import type { SigningKey, SigningKeyStore } from '../../server/keys/signing-key.ts';
import { aWord, someTime } from './builders.ts';

export interface SigningKeysUnderTest {
  database: Database;
  /** The store as a process with these encryption keys opens it. */
  storeWith(envelope: Envelope): SigningKeyStore;
}

const encryptionKey = (id: string): NamedKey => ({ id, key: randomBytes(32) });

function aSigningKey(): SigningKey {
  const kid = aWord();
  const { privateKey } = generateKeyPairSync('ed25519');
  const jwk = { ...privateKey.export({ format: 'jwk' }), kty: 'OKP', kid, use: 'sig' as const, alg: 'EdDSA' };
  return { kid, purpose: 'eddsa', jwk, createdAt: someTime };
}

const cannotOpen = {
  name: 'StartError',
  exitCode: 78,
  message: expect.stringContaining('GATEHOUSE_ENCRYPTION_KEYS'),
  remedy: expect.stringContaining('keys that this database was used with'),
};

/** The promises of SigningKeyStore. */
export function describeSigningKeyStore(name: string, open: () => SigningKeysUnderTest): void {
  describe(`${name}: signing keys`, () => {
    let under: SigningKeysUnderTest;
    let first: NamedKey;
    let second: NamedKey;
    let store: SigningKeyStore;
    beforeEach(async () => {
      under = open();
      await under.database.current()('signing_key').delete();
      first = encryptionKey('first');
      second = encryptionKey('second');
      store = under.storeWith(makeEnvelope([first]));
    });

    it('has none at first, and gives back what it was given', async () => {
      await expect(store.load()).resolves.toEqual([]);
      const keys = [aSigningKey(), aSigningKey()];
      await expect(store.insertIfEmpty(keys)).resolves.toBe(true);
      const loaded = await store.load();
      expect(new Set(loaded)).toEqual(new Set(keys));
    });

    it('takes the keys of one of ten processes that start at once, and shows them to all', async () => {
      const made = Array.from({ length: 10 }, () => [aSigningKey(), aSigningKey()]);
      const outcomes = await Promise.all(made.map((keys) => store.insertIfEmpty(keys)));
      expect(outcomes.filter(Boolean)).toHaveLength(1);
      const winner = made[outcomes.indexOf(true)];
      expect(new Set(await store.load())).toEqual(new Set(winner));
    });

    it('keeps no private part in the clear', async () => {
      const key = aSigningKey();
      await store.insertIfEmpty([key]);
      const { rows } = await under.database.current().raw('select k::text as text from signing_key k');
      expect(rows[0].text).not.toContain(key.jwk.d);
      expect(rows[0].text).not.toContain(
        Buffer.from(JSON.stringify(key.jwk)).toString('base64url').slice(0, 40),
      );
    });

    it('opens with a key that is no longer the first', async () => {
      const key = aSigningKey();
      await store.insertIfEmpty([key]);
      await expect(under.storeWith(makeEnvelope([second, first])).load()).resolves.toEqual([key]);
    });

    it('says what to do when it has another encryption key', async () => {
      await store.insertIfEmpty([aSigningKey()]);
      await expect(under.storeWith(makeEnvelope([second])).load()).rejects.toMatchObject(cannotOpen);
      const impostor = encryptionKey(first.id);
      await expect(under.storeWith(makeEnvelope([impostor])).load()).rejects.toMatchObject(cannotOpen);
    });

    it('does not open a key that was moved to another kid', async () => {
      const [one, other] = [aSigningKey(), aSigningKey()];
      await store.insertIfEmpty([one, other]);
      await under.database
        .current()
        .raw(
          `update signing_key set jwk_encrypted = (select jwk_encrypted from signing_key where kid = ?) where kid = ?`,
          [one.kid, other.kid],
        );
      await expect(store.load()).rejects.toMatchObject(cannotOpen);
    });

    it('does not open a key that was changed', async () => {
      await store.insertIfEmpty([aSigningKey()]);
      await under.database.current().raw(
        `update signing_key set jwk_encrypted = overlay(jwk_encrypted
           placing case substr(jwk_encrypted, 60, 1) when 'A' then 'B' else 'A' end from 60)`,
      );
      await expect(store.load()).rejects.toMatchObject(cannotOpen);
    });
  });
}
