import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Database } from '../../adapters/postgres/connection/database.ts';
import { fillUsernameSkeletons } from '../../adapters/postgres/stores/username-skeletons.ts';
import type { Account } from '../../server/accounts/account.ts';
import type { AccountStore } from '../../server/accounts/store.ts';
import { anAccount, aWord, someTime } from './builders.ts';

/** That no two user names look the same, and that those which did before stay valid. */
export function describeAccountLikeness(
  name: string,
  open: () => { accounts: AccountStore; database: Database },
): void {
  describe(`${name}: user names that look alike`, () => {
    let accounts: AccountStore;
    let database: Database;
    beforeAll(() => {
      ({ accounts, database } = open());
    });
    const named = (username: string): Account => anAccount({ email: null, username });
    const insert = async (username: string): Promise<Account> => {
      const account = named(username);
      await expect(accounts.insert(account)).resolves.toEqual({ kind: 'written' });
      return account;
    };
    /** A name and one that looks like it: the letter o, and the digit. */
    const alike = (): [string, string] => {
      const word = aWord();
      return [`${word}.bob`, `${word}.b0b`];
    };
    const rename = (account: Account, username: string | null, email: string | null = null) =>
      accounts.update({ ...account, username, email, updatedAt: someTime }, account.version);

    it('are refused as names that are the same', async () => {
      const [original, other] = alike();
      await insert(original);
      await expect(accounts.insert(named(other))).resolves.toEqual({ kind: 'login_name_taken' });
      const third = await insert(aWord());
      await expect(rename(third, other)).resolves.toEqual({ kind: 'login_name_taken' });
    });

    it('are one name of one account: it may change its spelling', async () => {
      const [original, other] = alike();
      const account = await insert(original);
      await expect(rename(account, other)).resolves.toEqual({ kind: 'written' });
    });

    it('are free again when the account is gone or has another name', async () => {
      const [original, other] = alike();
      const account = await insert(original);
      await expect(rename(account, null, `${aWord()}@example.com`)).resolves.toEqual({ kind: 'written' });
      const next = await insert(other);
      await accounts.delete(next.id);
      await insert(original);
    });

    it('stay valid where they were there before, and keep others from being like them', async () => {
      const [original, other] = alike();
      const first = await insert(original);
      const second = await insert(aWord());
      const run = database.current();
      // As before there were skeletons.
      await run('username_skeleton').whereIn('account_id', [first.id, second.id]).delete();
      await run('login_name').where({ account_id: second.id }).update({ name: other });
      await run('login_name')
        .whereIn('account_id', [first.id, second.id])
        .where({ kind: 'username' })
        .update({ skeleton_pending: true });
      await run('account').where({ id: second.id }).update({ username: other });
      await expect(fillUsernameSkeletons(database)).resolves.toBe(2);
      await expect(fillUsernameSkeletons(database)).resolves.toBe(0);
      for (const account of [first, { ...second, username: other }]) {
        const renamed = { ...account, profile: { name: 'Changed' }, updatedAt: someTime };
        await expect(accounts.update(renamed, 1)).resolves.toEqual({ kind: 'written' });
      }
      await expect(accounts.insert(named(original.replace('bob', 'bo6')))).resolves.toEqual({
        kind: 'written',
      });
      await expect(accounts.insert(named(original.replace('bob', 'bоb')))).resolves.toEqual({
        kind: 'login_name_taken',
      });
    });
  });
}
