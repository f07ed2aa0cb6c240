import { beforeAll, describe, expect, it } from '@jest/globals';
import type { HeldRole } from '../../server/clients/roles/role.ts';
import { aClient, anAccount, aRole, aWord, someTime } from './builders.ts';
import type { Stores } from './stores.ts';

const hours = (count: number): Date => new Date(Math.floor(Date.now() / 1000) * 1000 + count * 3_600_000);

/** The promises of the port RoleAssignments. */
export function describeRoleAssignments(name: string, open: () => Stores): void {
  describe.each(['account', 'client'] as const)(`${name}: roles of an %s`, (kind) => {
    let stores: Stores;
    let roles: string[];
    beforeAll(async () => {
      stores = open();
      roles = [];
      for (let count = 0; count < 3; count += 1) {
        const role = aRole();
        await stores.inTransaction(() => stores.roles.insert(role));
        roles.push(role.name);
      }
      roles.sort();
    });
    const insert = async (): Promise<string> => {
      const holder = kind === 'account' ? anAccount() : aClient();
      const { kind: outcome } =
        'email' in holder ? await stores.accounts.insert(holder) : await stores.clients.insert(holder);
      expect(outcome).toBe('written');
      return holder.id;
    };
    const { of, replace, list } = {
      of: (id: string) =>
        kind === 'account' ? stores.assignments.ofAccount(id) : stores.assignments.ofClient(id),
      replace: (id: string, version: number, held: readonly HeldRole[]) =>
        kind === 'account'
          ? stores.assignments.replaceOfAccount(id, version, held, someTime)
          : stores.assignments.replaceOfClient(id, version, held, someTime),
      list: (query: { roles: readonly string[]; limit: number; after?: string }) =>
        kind === 'account' ? stores.assignments.listAccounts(query) : stores.assignments.listClients(query),
    };
    const held = (index: number, expiresAt: Date | null = null): HeldRole => ({
      name: roles[index] ?? '',
      expiresAt,
    });
    const names = async (id: string) => (await of(id)).map((one) => one.name);

    it('are those that were given last, each once, with their ends', async () => {
      const id = await insert();
      await expect(of(id)).resolves.toEqual([]);
      const [first, second, third] = [held(0), held(1, hours(1)), held(2, hours(2))];
      await expect(replace(id, 1, [second, first, first])).resolves.toEqual({ kind: 'written' });
      const given = { grantedAt: someTime };
      await expect(of(id)).resolves.toEqual([
        { ...first, ...given },
        { ...second, ...given },
      ]);
      await expect(replace(id, 2, [third, { ...second, expiresAt: null }])).resolves.toEqual({
        kind: 'written',
      });
      await expect(of(id)).resolves.toEqual([
        { ...second, expiresAt: null, ...given },
        { ...third, ...given },
      ]);
    });

    it('are given in the expected version only, and only if they are there', async () => {
      const id = await insert();
      await expect(replace(id, 2, [held(0)])).resolves.toEqual({ kind: 'stale' });
      await expect(replace(aWord(), 1, [held(0)])).resolves.toEqual({ kind: 'missing' });
      await stores.inTransaction(async () => {
        const nowhere = { name: aWord(), expiresAt: null };
        await expect(replace(id, 1, [held(0), nowhere])).resolves.toEqual({ kind: 'role_not_found' });
        await expect(replace(id, 1, [held(1)])).resolves.toEqual({ kind: 'written' });
      });
      await expect(names(id)).resolves.toEqual([roles[1]]);
    });

    it('are not there any more when they have ended, and are forgotten in batches', async () => {
      const id = await insert();
      await replace(id, 1, [held(0, hours(-1)), held(1, hours(1)), held(2, hours(-2))]);
      await expect(names(id)).resolves.toEqual([roles[1]]);
      if (kind === 'account')
        await expect(stores.accounts.find(id)).resolves.toMatchObject({ roles: [roles[1]], version: 2 });
      await expect(
        list({ roles, limit: 100 }).then(({ items }) => items.filter((one) => one.id === id)),
      ).resolves.toMatchObject([{ role: roles[1] }]);
      await expect(stores.assignments.forgetEnded(1)).resolves.toBe(1);
      await expect(stores.assignments.forgetEnded(100)).resolves.toBe(1);
      await expect(stores.assignments.forgetEnded(100)).resolves.toBe(0);
      await expect(names(id)).resolves.toEqual([roles[1]]);
    });

    it('begin anew when they had ended and are given again', async () => {
      const id = await insert();
      await replace(id, 1, [held(0, hours(-1))]);
      await replace(id, 2, [held(0)]);
      await expect(names(id)).resolves.toEqual([roles[0]]);
    });

    it('lead to whoever has one of them, in pages', async () => {
      const own = aRole();
      const outer = aRole();
      await stores.inTransaction(() => stores.roles.insert(own));
      await stores.inTransaction(() => stores.roles.insert(outer));
      const ids: string[] = [];
      for (let count = 0; count < 3; count += 1) {
        const id = await insert();
        ids.push(id);
        const also = count === 1 ? [{ name: outer.name, expiresAt: null }] : [];
        await replace(id, 1, [{ name: own.name, expiresAt: hours(1) }, ...also]);
      }
      ids.sort();
      const seen: string[] = [];
      let after: string | undefined;
      do {
        const page = await list({ roles: [own.name], limit: 2, ...(after === undefined ? {} : { after }) });
        seen.push(...page.items.map(({ id }) => id));
        after = page.next ?? undefined;
      } while (after !== undefined);
      expect(seen).toEqual(ids);
      const both = await list({ roles: [own.name, outer.name], limit: 10 });
      expect(both.items).toHaveLength(4);
      expect(both.items).toContainEqual({
        id: ids[0],
        role: own.name,
        grantedAt: someTime,
        expiresAt: hours(1),
      });
      const paged = await list({ roles: [own.name, outer.name], limit: 3 });
      const rest = await list({ roles: [own.name, outer.name], limit: 3, after: paged.next ?? '' });
      expect([...paged.items, ...rest.items]).toEqual(both.items);
      await expect(list({ roles: [own.name], limit: 1, after: 'nonsense' })).rejects.toMatchObject({
        code: 'invalid_cursor',
      });
    });
  });

  describe(`${name}: roles of a client in memory`, () => {
    it('come with the client, with their ends', async () => {
      const stores = open();
      const [role, client] = [aRole(), aClient()];
      await stores.inTransaction(() => stores.roles.insert(role));
      await stores.clients.insert(client);
      const held = { name: role.name, expiresAt: hours(1) };
      await stores.assignments.replaceOfClient(client.id, 1, [held], someTime);
      await expect(stores.clients.findWithSecrets(client.id)).resolves.toMatchObject({ roles: [held] });
    });
  });

  describe(`${name}: roles of an account that is written whole`, () => {
    it('keep their ends, and begin anew when they had ended', async () => {
      const stores = open();
      const [kept, ended] = [aRole(), aRole()];
      for (const role of [kept, ended]) await stores.inTransaction(() => stores.roles.insert(role));
      const account = anAccount();
      await stores.accounts.insert(account);
      const held = [
        { name: kept.name, expiresAt: hours(1) },
        { name: ended.name, expiresAt: hours(-1) },
      ];
      await stores.assignments.replaceOfAccount(account.id, 1, held, someTime);
      await stores.accounts.update({ ...account, roles: [kept.name, ended.name], updatedAt: hours(0) }, 2);
      const found = await stores.assignments.ofAccount(account.id);
      expect(new Map(found.map((one) => [one.name, one.expiresAt]))).toEqual(
        new Map<string, Date | null>([
          [kept.name, hours(1)],
          [ended.name, null],
        ]),
      );
    });
  });
}
