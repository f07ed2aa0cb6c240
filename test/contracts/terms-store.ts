import { beforeAll, describe, expect, it } from '@jest/globals';
import type { AccountStore } from '../../server/accounts/store.ts';
import type { TermsStore } from '../../server/accounts/terms.ts';
import { anAccount, someTime } from './builders.ts';

/** The promises of the port TermsStore. */
export function describeTermsStore(
  name: string,
  open: () => { terms: TermsStore; accounts: AccountStore },
): void {
  describe(`${name}: accepted terms`, () => {
    let terms: TermsStore;
    let accounts: AccountStore;
    beforeAll(() => {
      ({ terms, accounts } = open());
    });

    it('are known by account and version, once each, and go with the account', async () => {
      const account = anAccount();
      await accounts.insert(account);
      await expect(terms.hasAccepted(account.id, '1')).resolves.toBe(false);
      await Promise.all(Array.from({ length: 10 }, () => terms.accept(account.id, '1', someTime)));
      await expect(terms.hasAccepted(account.id, '1')).resolves.toBe(true);
      await expect(terms.hasAccepted(account.id, '2')).resolves.toBe(false);
      await accounts.delete(account.id);
      await expect(terms.hasAccepted(account.id, '1')).resolves.toBe(false);
    });
  });
}
