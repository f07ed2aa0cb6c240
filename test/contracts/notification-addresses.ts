import { beforeAll, describe, expect, it } from '@jest/globals';
import type { NotificationAddressStore } from '../../server/accounts/notification-addresses.ts';
import type { AccountStore } from '../../server/accounts/store.ts';
import { anAccount, aWord, someTime } from './builders.ts';

export interface NotificationAddressesUnderTest {
  addresses: NotificationAddressStore;
  accounts: AccountStore;
}

/** The promises of the port NotificationAddressStore. */
export function describeNotificationAddresses(
  name: string,
  open: () => NotificationAddressesUnderTest,
): void {
  describe(`${name}: addresses for notices`, () => {
    let addresses: NotificationAddressStore;
    let accounts: AccountStore;
    beforeAll(() => {
      ({ addresses, accounts } = open());
    });

    const anOwner = async (email: string | null): Promise<string> => {
      const account = anAccount({ email, username: aWord() });
      await accounts.insert(account);
      return account.id;
    };

    it('are the own one and the second one, each once', async () => {
      const own = `${aWord()}@example.com`;
      const id = await anOwner(own);
      await expect(addresses.allOf(id)).resolves.toEqual([own]);
      await addresses.save(id, 'second@example.com', someTime);
      expect((await addresses.allOf(id)).sort()).toEqual([own, 'second@example.com'].sort());
      await addresses.save(id, own, someTime);
      await expect(addresses.allOf(id)).resolves.toEqual([own]);
    });

    it('are none for an unknown account, and the second alone for one without an address', async () => {
      await expect(addresses.allOf(aWord())).resolves.toEqual([]);
      const id = await anOwner(null);
      await addresses.save(id, 'second@example.com', someTime);
      await expect(addresses.allOf(id)).resolves.toEqual(['second@example.com']);
    });

    it('have one second, which a new one replaces and which can be removed once', async () => {
      const id = await anOwner(null);
      await expect(addresses.find(id)).resolves.toBeUndefined();
      await addresses.save(id, 'one@example.com', someTime);
      await addresses.save(id, 'two@example.com', someTime);
      await expect(addresses.find(id)).resolves.toBe('two@example.com');
      await expect(addresses.remove(id)).resolves.toBe(true);
      await expect(addresses.remove(id)).resolves.toBe(false);
    });

    it('go with the account', async () => {
      const id = await anOwner(null);
      await addresses.save(id, 'one@example.com', someTime);
      await accounts.delete(id);
      await expect(addresses.allOf(id)).resolves.toEqual([]);
    });
  });
}
