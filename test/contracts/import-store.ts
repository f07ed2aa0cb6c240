import { beforeAll, describe, expect, it } from '@jest/globals';
import { readDearestWork } from '../../adapters/postgres/stores/foreign-passwords.ts';
import type { NewAccount } from '../../server/accounts/import/import-store.ts';
import { anAccount, aWord, someTime } from './builders.ts';
import { readAudit, type Stores } from './stores.ts';

const by = { kind: 'operator', id: 'root' } as const;

const aNewcomer = (changes: Partial<NewAccount['account']> = {}, work = 100): NewAccount => {
  const account = anAccount(changes);
  return {
    account,
    password: { hash: `hash of ${account.id}`, scheme: 'bcrypt', work },
    mustReset: false,
    event: { type: 'user.created', accountId: account.id, change: { after: {} }, importId: 'i1' },
  };
};

/** The promise of ImportStore, for every database. */
export function describeImportStore(name: string, open: () => Stores): void {
  describe(`${name}: import store`, () => {
    let stores: Stores;
    beforeAll(() => {
      stores = open();
    });

    const mustReset = async ({ account }: NewAccount): Promise<unknown> => {
      const row: { must_reset: unknown } | undefined = await stores.database
        .current()('password_credential')
        .where({ account_id: account.id })
        .first('must_reset');
      return row?.must_reset;
    };

    it('writes accounts with names, roles, passwords and events at once', async () => {
      const email = `Ada-${aWord()}@Example.org`;
      const [plain, marked] = [
        aNewcomer({ email, username: `Ada-${aWord()}`, roles: ['admin'], profile: { name: 'Ada L.' } }),
        { ...aNewcomer({ email: null, username: aWord() }), mustReset: true },
      ];
      await expect(stores.imports.add([plain, marked], by)).resolves.toEqual([]);
      await expect(stores.accounts.find(plain.account.id)).resolves.toEqual(plain.account);
      await expect(stores.accounts.findByLoginName(email.toLowerCase())).resolves.toEqual(plain.account);
      await expect(stores.credentials.findPassword(plain.account.id)).resolves.toEqual(plain.password);
      await expect(mustReset(plain)).resolves.toBe(false);
      await expect(mustReset(marked)).resolves.toBe(true);
      await expect(readAudit(stores.database, plain.account.id)).resolves.toEqual([
        { type: 'user.created', data: { change: { after: {} }, importId: 'i1' } },
      ]);
      await stores.credentials.savePassword(marked.account.id, { hash: 'own', keyId: 'k1' });
      await expect(mustReset(marked)).resolves.toBe(false);
    });

    it('leaves out who has the name or the id of somebody else, whatever the spelling', async () => {
      const there = anAccount({ username: aWord() });
      await stores.accounts.insert(there);
      const rows = [
        aNewcomer(),
        aNewcomer({ email: there.email?.toUpperCase() ?? null }),
        aNewcomer({ email: null, username: `${there.username}`.toUpperCase() }),
        aNewcomer({ id: there.id }),
        aNewcomer(),
      ];
      await expect(stores.imports.findTaken(rows)).resolves.toEqual(expect.arrayContaining([1, 2, 3]));
      const left = await stores.imports.add(rows, by);
      expect(left.toSorted((one, other) => one - other)).toEqual([1, 2, 3]);
      await expect(stores.accounts.find(there.id)).resolves.toEqual(there);
      await expect(stores.accounts.find(rows[1]?.account.id ?? '')).resolves.toBeUndefined();
      await expect(stores.accounts.find(rows[4]?.account.id ?? '')).resolves.toBeDefined();
    });

    it('has everybody once when two imports bring the same people at the same time', async () => {
      const people = Array.from({ length: 50 }, () => aNewcomer());
      const copies = people.map((row) => aNewcomer({ email: row.account.email }));
      const attempt = async (rows: NewAccount[]): Promise<number> => {
        try {
          return rows.length - (await stores.inTransaction(() => stores.imports.add(rows, by))).length;
        } catch (error) {
          expect(error).toMatchObject({ code: 'login_name_taken' });
          return attempt(rows);
        }
      };
      const added = await Promise.all([attempt(people), attempt(copies)]);
      expect(added[0] + added[1]).toBe(50);
    });

    it('tells every process when the dearest hash has become dearer, and only then', async () => {
      const mark = async () =>
        stores.database.current()('change_mark').where({ topic: 'foreign_password' }).first('mark');
      const before = await readDearestWork(stores.database);
      const first = await mark();
      await stores.imports.add([aNewcomer({}, before + 7)], by);
      await expect(readDearestWork(stores.database)).resolves.toBe(before + 7);
      const second = await mark();
      expect(second).not.toEqual(first);
      await stores.imports.add([aNewcomer({}, before + 7)], by);
      await expect(mark()).resolves.toEqual(second);
    });

    it('goes on from where it is, once', async () => {
      const id = aWord();
      const begun = await stores.imports.begin(id, 'csv');
      expect(begun).toEqual({
        position: 0,
        imported: 0,
        skipped: 0,
        refused: 0,
        mustReset: 0,
        reportBytes: 0,
        finishedAt: null,
      });
      const next = {
        ...begun,
        position: 10,
        imported: 7,
        skipped: 1,
        refused: 2,
        mustReset: 3,
        reportBytes: 99,
      };
      const both = await Promise.all([
        stores.imports.advance(id, 0, next),
        stores.imports.advance(id, 0, next),
      ]);
      expect(both.filter(Boolean)).toEqual([true]);
      await expect(stores.imports.begin(id, 'csv')).resolves.toEqual(next);
      const finished = { ...next, position: 12, finishedAt: someTime };
      await expect(stores.imports.advance(id, 10, finished)).resolves.toBe(true);
      await expect(stores.imports.advance(id, 12, finished)).resolves.toBe(false);
      await expect(stores.imports.begin(id, 'csv')).resolves.toEqual(finished);
      await stores.imports.forget(id);
      await expect(stores.imports.begin(id, 'csv')).resolves.toEqual(begun);
    });
  });
}
