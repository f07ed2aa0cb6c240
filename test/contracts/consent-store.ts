import { beforeAll, describe, expect, it } from '@jest/globals';
import type { AccountStore } from '../../server/accounts/store.ts';
import type { ClientStore } from '../../server/clients/store.ts';
import type { Agreed, Consent, ConsentStore } from '../../server/sessions/consent.ts';
import { aClient, anAccount, someTime } from './builders.ts';

export interface ConsentsUnderTest {
  consents: ConsentStore;
  accounts: AccountStore;
  clients: ClientStore;
}

const later = new Date(someTime.getTime() + 60_000);
const agreed = (overrides: Partial<Agreed>): Agreed => ({
  openid: [],
  claims: [],
  resources: {},
  ...overrides,
});

/** The promises of ConsentStore. */
export function describeConsentStore(name: string, open: () => ConsentsUnderTest): void {
  describe(`${name}: consents`, () => {
    let under: ConsentsUnderTest;
    beforeAll(() => {
      under = open();
    });

    /** A consent of a person and an app that are there. */
    async function aConsent(given: Partial<Agreed>): Promise<Consent> {
      const [account, client] = [anAccount(), aClient()];
      await under.accounts.insert(account);
      await under.clients.insert(client);
      const consent = { accountId: account.id, clientId: client.id, agreed: agreed(given) };
      return { ...consent, grantedAt: someTime, updatedAt: someTime };
    }
    const found = ({ accountId, clientId }: Consent) => under.consents.find(accountId, clientId);

    it('finds what was agreed, and nothing where nothing was', async () => {
      const consent = await aConsent({
        openid: ['openid', 'profile'],
        claims: ['email'],
        resources: { 'https://api.example': ['read'] },
      });
      await expect(found(consent)).resolves.toBeUndefined();
      await under.consents.save(consent);
      await expect(found(consent)).resolves.toEqual(consent);
    });

    it('adds to what was agreed before, and keeps when that was', async () => {
      const consent = await aConsent({ openid: ['openid'], resources: { 'https://a.example': ['read'] } });
      await under.consents.save(consent);
      await under.consents.save({
        ...consent,
        agreed: agreed({
          openid: ['email', 'openid'],
          resources: { 'https://a.example': ['write'], 'https://b.example': ['read'] },
        }),
        grantedAt: later,
        updatedAt: later,
      });
      await expect(found(consent)).resolves.toEqual({
        ...consent,
        agreed: agreed({
          openid: ['email', 'openid'],
          resources: { 'https://a.example': ['read', 'write'], 'https://b.example': ['read'] },
        }),
        updatedAt: later,
      });
    });

    it.each([
      ['the first ones', false],
      ['later ones', true],
    ])('loses nothing when twenty tabs consent at once, as %s', async (_which, before) => {
      const consent = await aConsent({ openid: ['openid'] });
      if (before) await under.consents.save(consent);
      const scopes = Array.from({ length: 20 }, (_, index) => `scope-${index + 10}`);
      await Promise.all(
        scopes.map((scope) => under.consents.save({ ...consent, agreed: agreed({ openid: [scope] }) })),
      );
      await expect(found(consent)).resolves.toMatchObject({
        agreed: { openid: before ? ['openid', ...scopes] : scopes },
      });
    });

    it('deletes it, and says whether there was one', async () => {
      const consent = await aConsent({ openid: ['openid'] });
      await under.consents.save(consent);
      await expect(under.consents.delete(consent.accountId, consent.clientId)).resolves.toBe(true);
      await expect(under.consents.delete(consent.accountId, consent.clientId)).resolves.toBe(false);
      await expect(found(consent)).resolves.toBeUndefined();
    });

    it('loses no consent that is given while an earlier one is taken back', async () => {
      for (let round = 0; round < 10; round += 1) {
        const consent = await aConsent({ openid: ['old'] });
        await under.consents.save(consent);
        await Promise.all([
          under.consents.delete(consent.accountId, consent.clientId),
          under.consents.save({ ...consent, agreed: agreed({ openid: ['new'] }) }),
        ]);
        // Either was first; the new one is there only if it was the later one, and then it is complete.
        const left = await found(consent);
        if (left !== undefined) expect(left.agreed.openid).toContain('new');
      }
    });

    it('goes with the account, and with the client', async () => {
      const [one, other] = [await aConsent({ openid: ['openid'] }), await aConsent({ openid: ['openid'] })];
      await under.consents.save(one);
      await under.consents.save(other);
      await under.accounts.delete(one.accountId);
      await under.clients.delete(other.clientId);
      await expect(found(one)).resolves.toBeUndefined();
      await expect(found(other)).resolves.toBeUndefined();
    });
  });
}
