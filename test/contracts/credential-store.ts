import { beforeAll, describe, expect, it } from '@jest/globals';
import type { AccountStore } from '../../server/accounts/store.ts';
import type { CredentialStore } from '../../server/authn/credential-store.ts';
import { anAccount, aWord } from './builders.ts';

export interface CredentialStoreUnderTest {
  accounts: AccountStore;
  credentials: CredentialStore;
}

/** The promises of the port CredentialStore. */
export function describeCredentialStore(name: string, open: () => CredentialStoreUnderTest): void {
  describe(`${name}: credential store`, () => {
    let accounts: AccountStore;
    let credentials: CredentialStore;
    beforeAll(() => {
      ({ accounts, credentials } = open());
    });

    const first = { hash: 'hash one', keyId: 'k1' };
    const second = { hash: 'hash two', keyId: 'k2' };

    const insert = async () => {
      const account = anAccount({ username: aWord() });
      await accounts.insert(account);
      return account;
    };

    it('finds no password of an unknown account', async () => {
      await expect(credentials.findPassword(aWord())).resolves.toBeUndefined();
    });

    it('replaces a password that is saved again', async () => {
      const account = await insert();
      await credentials.savePassword(account.id, first);
      await credentials.savePassword(account.id, second);
      await expect(credentials.findPassword(account.id)).resolves.toEqual(second);
    });

    it('upgrades a hash only while it still is the one that was verified', async () => {
      const account = await insert();
      await credentials.savePassword(account.id, first);
      await expect(
        credentials.upgradePassword(account.id, { ...first, keyId: 'other' }, second),
      ).resolves.toBe(false);
      await expect(credentials.upgradePassword(account.id, first, second)).resolves.toBe(true);
      await expect(credentials.upgradePassword(account.id, first, second)).resolves.toBe(false);
      await expect(credentials.findPassword(account.id)).resolves.toEqual(second);
    });

    it('keeps a hash of another system until ours takes its place', async () => {
      const account = await insert();
      const foreign = { hash: 'their hash', scheme: 'bcrypt', work: 100 };
      await credentials.savePassword(account.id, foreign);
      await expect(credentials.findPassword(account.id)).resolves.toEqual(foreign);
      const changed = { ...foreign, hash: 'another hash' };
      await expect(credentials.upgradePassword(account.id, changed, first)).resolves.toBe(false);
      await expect(credentials.upgradePassword(account.id, foreign, first)).resolves.toBe(true);
      await expect(credentials.findPassword(account.id)).resolves.toEqual(first);
    });

    it('lets the password go with its account', async () => {
      const account = await insert();
      await credentials.savePassword(account.id, first);
      await accounts.delete(account.id);
      await expect(credentials.findPassword(account.id)).resolves.toBeUndefined();
    });
  });
}
