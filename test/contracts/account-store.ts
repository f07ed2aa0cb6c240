import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Account } from '../../server/accounts/account.ts';
import type { AccountStore } from '../../server/accounts/store.ts';
import type { InTransaction } from '../../server/transaction.ts';
import { anAccount, aWord, someTime } from './builders.ts';

export interface AccountStoreUnderTest {
  accounts: AccountStore;
  inTransaction: InTransaction;
}

/** The promises of the port AccountStore. */
export function describeAccountStore(name: string, open: () => AccountStoreUnderTest): void {
  describe(`${name}: account store`, () => {
    let accounts: AccountStore;
    let inTransaction: InTransaction;
    beforeAll(() => {
      ({ accounts, inTransaction } = open());
    });

    const insert = async (overrides: Partial<Account> = {}): Promise<Account> => {
      const account = anAccount(overrides);
      await expect(accounts.insert(account)).resolves.toEqual({ kind: 'written' });
      return account;
    };

    it('gives an account back as it was written', async () => {
      const word = aWord();
      const account = await insert({
        email: `Maria.${word}@Example.com`,
        emailVerified: true,
        username: `María_${word}`,
        profile: { name: 'María "Ñandú" O’Neil', address: { country: 'ES' }, phone_number_verified: false },
        roles: ['admin'],
        status: 'disabled',
        updatedAt: new Date(someTime.getTime() + 1),
        version: 7,
      });
      await expect(accounts.find(account.id)).resolves.toEqual(account);
    });

    it('knows nothing of an id that was never given', async () => {
      await expect(accounts.find(aWord())).resolves.toBeUndefined();
    });

    it('finds an account by its folded address and by its folded user name', async () => {
      const word = aWord();
      const account = await insert({ email: `Ann.${word}@Example.com`, username: `Ann-${word}` });
      await expect(accounts.findByLoginName(`ann.${word}@example.com`)).resolves.toEqual(account);
      await expect(accounts.findByLoginName(`ann-${word}`)).resolves.toEqual(account);
      await expect(accounts.findByLoginName(`Ann-${word}`)).resolves.toBeUndefined();
    });

    it.each([
      ['the same address', (word: string) => ({ email: `${word}@example.com` })],
      ['an address that differs in case', (word: string) => ({ email: `${word.toUpperCase()}@EXAMPLE.com` })],
      [
        'a user name that reads like the other one',
        (word: string) => ({ email: null, username: `${word}ｎame` }),
      ],
    ])('refuses %s for a second account and leaves nothing behind', async (_what, fields) => {
      const word = aWord();
      await insert({ email: `${word}@example.com`, username: `${word}name` });
      const second = anAccount({ username: aWord(), ...fields(word) });
      await expect(accounts.insert(second)).resolves.toEqual({ kind: 'login_name_taken' });
      await expect(accounts.find(second.id)).resolves.toBeUndefined();
    });

    it('refuses a role that does not exist and leaves nothing behind', async () => {
      const account = anAccount({ roles: ['admin', aWord()] });
      await expect(accounts.insert(account)).resolves.toEqual({ kind: 'role_not_found' });
      await expect(accounts.find(account.id)).resolves.toBeUndefined();
    });

    it('leaves the transaction usable after a refusal', async () => {
      const taken = await insert();
      const other = anAccount();
      await inTransaction(async () => {
        await expect(accounts.insert(anAccount({ email: taken.email }))).resolves.toEqual({
          kind: 'login_name_taken',
        });
        await expect(accounts.insert(other)).resolves.toEqual({ kind: 'written' });
      });
      await expect(accounts.find(other.id)).resolves.toEqual(other);
    });

    it('keeps nothing of a transaction that fails', async () => {
      const account = anAccount();
      const failing = inTransaction(async () => {
        await accounts.insert(account);
        throw new Error('on purpose');
      });
      await expect(failing).rejects.toThrow('on purpose');
      await expect(accounts.find(account.id)).resolves.toBeUndefined();
    });

    it('lets exactly one of 50 parallel inserts have a login name', async () => {
      const email = `${aWord()}@example.com`;
      const rivals = Array.from({ length: 50 }, () => anAccount({ email }));
      const outcomes = await Promise.all(rivals.map((account) => accounts.insert(account)));
      expect(outcomes.filter(({ kind }) => kind === 'written')).toHaveLength(1);
      expect(outcomes.filter(({ kind }) => kind === 'login_name_taken')).toHaveLength(49);
      const winner = rivals[outcomes.findIndex(({ kind }) => kind === 'written')];
      await expect(accounts.findByLoginName(email)).resolves.toEqual(winner);
    });

    it('replaces every field, the login names and the roles', async () => {
      const before = await insert({ username: aWord(), roles: ['admin'], profile: { name: 'Old' } });
      const after: Account = {
        ...before,
        email: `${aWord()}@example.com`,
        emailVerified: true,
        username: null,
        profile: { name: 'New', nickname: 'N' },
        roles: [],
        status: 'disabled',
        updatedAt: new Date(someTime.getTime() + 1000),
        version: 2,
      };
      await expect(accounts.update(after, 1)).resolves.toEqual({ kind: 'written' });
      await expect(accounts.find(before.id)).resolves.toEqual(after);
      await expect(accounts.findByLoginName(before.email ?? '')).resolves.toBeUndefined();
      await expect(accounts.findByLoginName(before.username ?? '')).resolves.toBeUndefined();
      await expect(accounts.findByLoginName(after.email ?? '')).resolves.toEqual(after);
      await insert({ email: before.email });
    });

    it('keeps names and roles that do not change, and adds the new ones', async () => {
      const before = await insert({ roles: [] });
      const after = { ...before, username: aWord(), roles: ['admin'], version: 2 };
      await expect(accounts.update(after, 1)).resolves.toEqual({ kind: 'written' });
      const again = { ...after, profile: { name: 'Once more' }, version: 3 };
      await expect(accounts.update(again, 2)).resolves.toEqual({ kind: 'written' });
      await expect(accounts.find(before.id)).resolves.toEqual(again);
      await expect(accounts.findByLoginName(after.username)).resolves.toEqual(again);
      await expect(accounts.findByLoginName(before.email ?? '')).resolves.toEqual(again);
    });

    it.each([
      ['takes the name of another account', 'login_name_taken'],
      ['gives a role that does not exist', 'role_not_found'],
    ])('changes nothing when an update %s', async (_what, kind) => {
      const other = await insert();
      const account = await insert();
      const fields = kind === 'login_name_taken' ? { email: other.email } : { roles: [aWord()] };
      await expect(accounts.update({ ...account, ...fields, status: 'disabled' }, 1)).resolves.toEqual({
        kind,
      });
      await expect(accounts.find(account.id)).resolves.toEqual(account);
    });

    it('tells a stale version from an account that is gone', async () => {
      const account = await insert({ version: 3 });
      await expect(accounts.update({ ...account, status: 'disabled' }, 2)).resolves.toEqual({
        kind: 'stale',
      });
      await expect(accounts.update(anAccount(), 1)).resolves.toEqual({ kind: 'missing' });
      await expect(accounts.find(account.id)).resolves.toEqual(account);
    });

    it('lets exactly one of 20 parallel updates of one version win', async () => {
      const account = await insert();
      const outcomes = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          accounts.update({ ...account, profile: { name: `Try ${index}` } }, 1),
        ),
      );
      expect(outcomes.filter(({ kind }) => kind === 'written')).toHaveLength(1);
      expect(outcomes.filter(({ kind }) => kind === 'stale')).toHaveLength(19);
      const stored = await accounts.find(account.id);
      expect(stored?.version).toBe(2);
    });

    it('deletes only in the version that was asked for, and frees the names', async () => {
      const account = await insert({ roles: ['admin'] });
      await expect(accounts.delete(account.id, 2)).resolves.toBe(false);
      await expect(accounts.delete(account.id, 1)).resolves.toBe(true);
      await expect(accounts.delete(account.id)).resolves.toBe(false);
      await expect(accounts.find(account.id)).resolves.toBeUndefined();
      await insert({ email: account.email });
    });

    it('counts only active accounts among the holders of a role', async () => {
      const holder = await insert({ roles: ['admin'] });
      await expect(accounts.anyWithRole('admin')).resolves.toBe(true);
      await expect(accounts.anyWithRole(aWord())).resolves.toBe(false);
      await inTransaction(async () => {
        for (let page = await accounts.list({ limit: 100 }); ; ) {
          for (const account of page.items.filter(({ status }) => status === 'active')) {
            await accounts.update({ ...account, status: 'disabled' }, account.version);
          }
          if (page.next === null) break;
          page = await accounts.list({ limit: 100, after: page.next });
        }
      });
      await expect(accounts.find(holder.id)).resolves.toMatchObject({ status: 'disabled', roles: ['admin'] });
      await expect(accounts.anyWithRole('admin')).resolves.toBe(false);
    });
  });
}
