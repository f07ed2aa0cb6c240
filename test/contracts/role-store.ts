import { beforeAll, describe, expect, it } from '@jest/globals';
import type { RoleStore } from '../../server/accounts/role-store.ts';

/** The promises of the port RoleStore. */
export function describeRoleStore(name: string, open: () => { roles: RoleStore }): void {
  describe(`${name}: role store`, () => {
    let roles: RoleStore;
    beforeAll(() => {
      ({ roles } = open());
    });

    it('has the built-in role of administrators from the start', async () => {
      const list = await roles.list();
      expect(list).toEqual([
        { name: 'admin', description: expect.any(String), builtIn: true, createdAt: expect.any(Date) },
      ]);
    });

    it('names the roles that do not exist, each once', async () => {
      const names = ['zebra', 'admin', "o'neil", 'zebra', 'Admin'];
      await expect(roles.findUnknown(names)).resolves.toEqual(['Admin', "o'neil", 'zebra']);
      await expect(roles.findUnknown(['admin'])).resolves.toEqual([]);
      await expect(roles.findUnknown([])).resolves.toEqual([]);
    });
  });
}
