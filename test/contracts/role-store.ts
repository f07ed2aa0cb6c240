import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Role } from '../../server/clients/roles/role.ts';
import { aClient, anAccount, aRole, aWord, someTime } from './builders.ts';
import type { Stores } from './stores.ts';

/** The promises of the ports RoleStore and RoleNames. */
export function describeRoleStore(name: string, open: () => Stores): void {
  describe(`${name}: role store`, () => {
    let stores: Stores;
    let roles: Stores['roles'];
    beforeAll(() => {
      stores = open();
      ({ roles } = stores);
    });
    const inTransaction = <T>(work: () => Promise<T>): Promise<T> => stores.inTransaction(work);
    const insert = (role: Role) => inTransaction(() => roles.insert(role));
    const update = (role: Role, version: number) => inTransaction(() => roles.update(role, version));
    const aStoredRole = async (overrides: Partial<Role> = {}): Promise<Role> => {
      const role = aRole(overrides);
      await expect(insert(role)).resolves.toEqual({ kind: 'written' });
      return role;
    };

    it('has the built-in role of administrators from the start', async () => {
      const list = await roles.list();
      expect(list.filter(({ builtIn }) => builtIn)).toEqual([
        {
          name: 'admin',
          description: expect.any(String),
          permissions: [],
          roles: [],
          builtIn: true,
          createdAt: expect.any(Date),
          updatedAt: expect.any(Date),
          version: 1,
        },
      ]);
    });

    it('names the roles that do not exist, each once', async () => {
      const names = ['zebra', 'admin', "o'neil", 'zebra', 'Admin'];
      await expect(roles.findUnknown(names)).resolves.toEqual(['Admin', "o'neil", 'zebra']);
      await expect(roles.findUnknown(['admin'])).resolves.toEqual([]);
      await expect(roles.findUnknown([])).resolves.toEqual([]);
    });

    it('keeps what a role allows and contains, ordered, each once', async () => {
      const inner = await aStoredRole();
      const read = { resource: 'https://api.example/', scope: 'read' };
      const write = { resource: 'https://api.example/', scope: 'write' };
      const role = await aStoredRole({ permissions: [write, read, write], roles: [inner.name, inner.name] });
      await expect(roles.find(role.name)).resolves.toEqual({
        ...role,
        permissions: [read, write],
        roles: [inner.name],
      });
      const changed = {
        ...role,
        description: 'Other.',
        permissions: [write],
        roles: [],
        updatedAt: someTime,
      };
      await expect(update(changed, 1)).resolves.toEqual({ kind: 'written' });
      await expect(roles.find(role.name)).resolves.toEqual({ ...changed, version: 2 });
      expect((await roles.list()).find((one) => one.name === role.name)).toEqual({ ...changed, version: 2 });
    });

    it('refuses a name that is taken, and leaves the transaction usable', async () => {
      const role = await aStoredRole();
      await inTransaction(async () => {
        await expect(roles.insert(aRole({ name: role.name }))).resolves.toEqual({ kind: 'role_name_taken' });
        await expect(roles.insert(aRole({ roles: ['nowhere'] }))).resolves.toEqual({
          kind: 'role_not_found',
        });
        await expect(roles.update({ ...role, roles: ['nowhere'] }, 1)).resolves.toEqual({
          kind: 'role_not_found',
        });
      });
      await expect(roles.find(role.name)).resolves.toEqual(role);
    });

    it('refuses another version, what is gone, and what is built in', async () => {
      const role = await aStoredRole();
      await expect(update(role, 2)).resolves.toEqual({ kind: 'stale' });
      await expect(update(aRole(), 1)).resolves.toEqual({ kind: 'missing' });
      await expect(update(aRole({ name: 'admin' }), 1)).resolves.toEqual({ kind: 'built_in' });
      await expect(inTransaction(() => roles.delete('admin'))).resolves.toBe(false);
      await expect(inTransaction(() => roles.delete(aWord()))).resolves.toBe(false);
      await expect(inTransaction(() => roles.findForDeletion(role.name))).resolves.toEqual(role);
      await expect(inTransaction(() => roles.delete(role.name))).resolves.toBe(true);
      await expect(roles.find(role.name)).resolves.toBeUndefined();
    });

    it('lets no role contain itself, however far away', async () => {
      const inner = await aStoredRole();
      const middle = await aStoredRole({ roles: [inner.name] });
      const outer = await aStoredRole({ roles: [middle.name] });
      await expect(update({ ...inner, roles: [outer.name] }, 1)).resolves.toEqual({ kind: 'role_cycle' });
      await expect(update({ ...inner, roles: [inner.name] }, 1)).resolves.toEqual({ kind: 'role_cycle' });
      const word = aWord();
      await expect(insert(aRole({ name: word, roles: [word] }))).resolves.toEqual({ kind: 'role_cycle' });
      await expect(roles.find(inner.name)).resolves.toEqual(inner);
    });

    it('lets one of two win that make a circle together, twenty times', async () => {
      for (let round = 0; round < 20; round += 1) {
        const [one, other] = [await aStoredRole(), await aStoredRole()];
        const outcomes = await Promise.all([
          update({ ...one, roles: [other.name] }, 1),
          update({ ...other, roles: [one.name] }, 1),
        ]);
        expect(outcomes.map(({ kind }) => kind).toSorted()).toEqual(['role_cycle', 'written']);
      }
    });

    it('counts who has a role, and takes it from them when it goes', async () => {
      const role = await aStoredRole();
      const outer = await aStoredRole({ roles: [role.name] });
      const account = anAccount({ roles: [role.name, 'admin'] });
      const client = aClient();
      await stores.accounts.insert(account);
      await stores.clients.insert(client);
      const { database } = stores;
      await database.current()('client_role').insert({
        client_id: client.id,
        role_name: role.name,
        granted_at: someTime,
      });
      await expect(roles.countHolders(role.name)).resolves.toEqual({
        users: 1,
        clients: 1,
        roles: [outer.name],
      });
      await inTransaction(() => roles.delete(role.name));
      await expect(stores.accounts.find(account.id)).resolves.toMatchObject({ roles: ['admin'], version: 2 });
      await expect(roles.find(outer.name)).resolves.toMatchObject({ roles: [] });
      await expect(roles.countHolders(role.name)).resolves.toEqual({ users: 0, clients: 0, roles: [] });
      await stores.accounts.delete(account.id);
    });
  });
}
