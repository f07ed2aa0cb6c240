import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Account } from '../../server/accounts/account.ts';
import type { AccountOrder, AccountQuery, AccountStore } from '../../server/accounts/store.ts';
import { AppError } from '../../server/errors.ts';
import { anAccount, aWord, someTime } from './builders.ts';

/** The promises of AccountStore.list. */
export function describeAccountList(name: string, open: () => { accounts: AccountStore }): void {
  describe(`${name}: list of accounts`, () => {
    let accounts: AccountStore;
    beforeAll(() => {
      ({ accounts } = open());
    });

    const insert = async (overrides: Partial<Account>): Promise<Account> => {
      const account = anAccount(overrides);
      await accounts.insert(account);
      return account;
    };
    const ids = async (query: Omit<AccountQuery, 'limit'>): Promise<string[]> =>
      (await accounts.list({ limit: 50, ...query })).items.map(({ id }) => id);

    it('pages through all of them once, by time of creation and then by id', async () => {
      const word = aWord();
      const later = new Date(someTime.getTime() + 1);
      const c = await insert({ id: `${word}-c`, username: `${word}-1`, createdAt: someTime });
      const a = await insert({ id: `${word}-a`, username: `${word}-2`, createdAt: later });
      const B = await insert({ id: `${word}-B`, username: `${word}-3`, createdAt: later });
      const first = await accounts.list({ limit: 2, search: word });
      expect(first.items).toEqual([c, B]);
      const second = await accounts.list({ limit: 2, search: word, after: first.next ?? '' });
      expect(second).toEqual({ items: [a], next: null });
    });

    it('ends with the last full page', async () => {
      const word = aWord();
      await insert({ username: `${word}-1` });
      await insert({ username: `${word}-2` });
      await expect(accounts.list({ limit: 2, search: word })).resolves.toMatchObject({ next: null });
    });

    it('goes on after an account that was deleted meanwhile', async () => {
      const word = aWord();
      const [one, two] = [
        await insert({ id: `${word}-1`, username: `${word}-1` }),
        await insert({ id: `${word}-2`, username: `${word}-2` }),
      ];
      const { next } = await accounts.list({ limit: 1, search: word });
      await accounts.delete(one.id);
      await expect(ids({ search: word, after: next ?? '' })).resolves.toEqual([two.id]);
    });

    it.each(['', 'x', 'abc.def', Buffer.from('12.\0').toString('base64url'), '../../etc'])(
      'refuses the cursor %j',
      async (after) => {
        const refusal = expect(accounts.list({ limit: 1, after })).rejects;
        await refusal.toBeInstanceOf(AppError);
        await expect(accounts.list({ limit: 1, after })).rejects.toMatchObject({ code: 'invalid_cursor' });
      },
    );

    it('searches by the start of address, user name and name, without regard to case', async () => {
      const word = aWord();
      const byEmail = await insert({ email: `${word}.mail@example.com` });
      const byUsername = await insert({ username: `${word}-user` });
      const byName = await insert({ profile: { name: `${word.toUpperCase()} Smith` } });
      const sought = await ids({ search: ` ${word.toUpperCase()}` });
      expect(sought.sort()).toEqual([byEmail.id, byUsername.id, byName.id].sort());
      await expect(ids({ search: word.slice(1) })).resolves.toEqual([]);
    });

    it.each(['%', '_', '\\'])('takes %s in a search for itself', async (sign) => {
      const word = aWord();
      await insert({ profile: { name: `${word}abc` } });
      const odd = await insert({ profile: { name: `${word}${sign}b` } });
      await expect(ids({ search: `${word}${sign}` })).resolves.toEqual([odd.id]);
    });

    it('filters by whole address, whole user name and status, all at once', async () => {
      const word = aWord();
      const account = await insert({
        email: `${word}@example.com`,
        username: `${word}name`,
        status: 'disabled',
      });
      await insert({ email: `${word}@example.com.org`, username: `${word}name2` });
      await expect(ids({ email: `${word}@EXAMPLE.com` })).resolves.toEqual([account.id]);
      await expect(ids({ username: `${word}NAME` })).resolves.toEqual([account.id]);
      await expect(ids({ email: `${word}name` })).resolves.toEqual([]);
      await expect(ids({ search: word, status: 'disabled' })).resolves.toEqual([account.id]);
      await expect(ids({ email: account.email ?? '', status: 'active' })).resolves.toEqual([]);
    });

    const at = (seconds: number): Date => new Date(someTime.getTime() + seconds * 1000);
    /** Every page, so that each cursor is used once. */
    const pages = async (query: Omit<AccountQuery, 'limit'>, limit = 2): Promise<string[]> => {
      const found: string[] = [];
      for (let after: string | undefined; ; ) {
        const { items, next } = await accounts.list({ ...query, limit, after });
        found.push(...items.map(({ id }) => id));
        if (next === null) return found;
        after = next;
      }
    };
    const both = async (query: Omit<AccountQuery, 'limit'>, by: AccountOrder, expected: string[]) => {
      await expect(pages({ ...query, order: { by, descending: false } })).resolves.toEqual(expected);
      await expect(pages({ ...query, order: { by, descending: true } })).resolves.toEqual(
        expected.toReversed(),
      );
    };

    it('is sorted by time of creation both ways, in a range of it', async () => {
      const word = aWord();
      const made: string[] = [];
      for (const second of [1, 2, 2, 3, 4]) {
        const name = `${word}-${made.length}`;
        made.push((await insert({ id: name, username: name, createdAt: at(second) })).id);
      }
      await both({ search: word }, 'created_at', made);
      const range = { createdFrom: at(2), createdBefore: at(4) };
      await both({ search: word, ...range }, 'created_at', made.slice(1, 4));
    });

    it.each(['email', 'username'] as const)(
      'is sorted by %s both ways, from how it begins on',
      async (by) => {
        const word = aWord();
        const prefix = by === 'email' ? 'emailPrefix' : 'usernamePrefix';
        const made: string[] = [];
        for (const rest of ['a', 'ab', 'b', 'z', 'é'])
          made.push((await insert({ [by]: `${word}${rest}${by === 'email' ? '@example.org' : ''}` })).id);
        await insert({ [by]: `x${word}@example.org` });
        const query = { [prefix]: word.toUpperCase() };
        await both(query, by, made);
        await expect(
          pages({ ...query, status: 'disabled', order: { by, descending: false } }),
        ).resolves.toEqual([]);
        await expect(pages({ [prefix]: `${word}%`, order: { by, descending: false } })).resolves.toEqual([]);
      },
    );

    it('has those with a role that is not over, by their ids', async () => {
      const word = aWord();
      const role = { roles: ['admin'] };
      const ids = ['a', 'b', 'c'].map((letter) => `${word}-${letter}`);
      for (const id of ids) await insert({ id, ...role, username: id });
      await insert({ username: word });
      await both({ role: 'admin', search: word }, 'sub', ids);
      await both({ role: 'nobody has it' }, 'sub', []);
    });

    it.each(['["x"', '[1]', '["a","b"]', '[]', '{}', '["\0"]', 'x'])(
      'refuses the place %j in the order of a text',
      async (text) => {
        const after = Buffer.from(text, 'utf8').toString('base64url');
        const order = { by: 'email', descending: false } as const;
        await expect(accounts.list({ limit: 1, after, order })).rejects.toMatchObject({
          code: 'invalid_cursor',
        });
      },
    );
  });
}
