import { beforeAll, describe, expect, it } from '@jest/globals';
import type { DeletionStore } from '../../server/accounts/deletion/deletion-store.ts';
import type { StandingStore } from '../../server/accounts/standing/standing.ts';
import type { AccountStore } from '../../server/accounts/store.ts';
import type { TermsStore } from '../../server/accounts/terms.ts';
import type { CredentialStore } from '../../server/authn/credential-store.ts';
import type { AttemptStore } from '../../server/authn/lockout/attempt-store.ts';
import { anAccount, aWord, someTime } from './builders.ts';

export interface StandingStoreUnderTest {
  standings: StandingStore;
  accounts: AccountStore;
  credentials: CredentialStore;
  attempts: AttemptStore;
  deletions: DeletionStore;
  terms: TermsStore;
}

/** The promises of StandingStore. The clock of the stores is stopped at `someTime`. */
export function describeStandingStore(name: string, open: () => StandingStoreUnderTest): void {
  describe(`${name}: how accounts stand`, () => {
    let under: StandingStoreUnderTest;
    beforeAll(() => {
      under = open();
    });

    const plus = (ms: number) => new Date(someTime.getTime() + ms);
    const somebody = async () => {
      const account = anAccount();
      await under.accounts.insert(account);
      return account;
    };
    const stored = { hash: '$argon2id$', keyId: 'key' };
    const signIn = (accountId: string, now: Date) =>
      under.attempts.succeed({ subject: `account ${accountId}`, accountId, now }, undefined);

    it('says nothing of an account that is new, and that there is none of any other', async () => {
      const { id } = await somebody();
      await expect(under.standings.find(id)).resolves.toEqual({
        disabledAt: null,
        disabledReason: null,
        lastSignInAt: null,
        deletionDueAt: null,
        hasPicture: false,
        terms: [],
      });
      await expect(under.standings.find(aWord())).resolves.toBeUndefined();
      await expect(under.standings.findPassword(id)).resolves.toBeUndefined();
    });

    it('keeps since when and why an account is disabled, until it is active again', async () => {
      const account = await somebody();
      await under.standings.explain(account.id, someTime, 'Not disabled');
      const disabled = { ...account, status: 'disabled' as const, updatedAt: plus(5) };
      await under.accounts.update(disabled, 1);
      await under.standings.explain(account.id, plus(9), 'Left us');
      const since = { disabledAt: plus(5), disabledReason: 'Left us' };
      await expect(under.standings.find(account.id)).resolves.toMatchObject(since);
      await under.accounts.update({ ...disabled, updatedAt: plus(20), profile: { name: 'New' } }, 2);
      await expect(under.standings.find(account.id)).resolves.toMatchObject(since);
      await under.accounts.update({ ...account, updatedAt: plus(30) }, 3);
      await expect(under.standings.find(account.id)).resolves.toMatchObject({
        disabledAt: null,
        disabledReason: null,
      });
    });

    it('tells when a password was made, changed and used, the last to the minute', async () => {
      const { id } = await somebody();
      await under.credentials.savePassword(id, stored, plus(1000));
      const made = { createdAt: someTime, changedAt: someTime, mustReset: false };
      await expect(under.standings.findPassword(id)).resolves.toEqual({
        ...made,
        lastUsedAt: null,
        temporaryUntil: plus(1000),
      });
      await signIn(id, plus(1));
      await signIn(id, plus(50_000));
      await expect(under.standings.findPassword(id)).resolves.toMatchObject({ lastUsedAt: plus(1) });
      await signIn(id, plus(70_000));
      await expect(under.standings.find(id)).resolves.toMatchObject({ lastSignInAt: plus(70_000) });
      await under.credentials.demandReset(id);
      await expect(under.standings.findPassword(id)).resolves.toMatchObject({ mustReset: true });
      await under.credentials.changePassword(id, stored, null);
      await expect(under.standings.findPassword(id)).resolves.toEqual({
        ...made,
        lastUsedAt: null,
        temporaryUntil: null,
      });
    });

    it('removes a password once', async () => {
      const { id } = await somebody();
      await under.credentials.savePassword(id, stored);
      await expect(under.standings.removePassword(id)).resolves.toBe(true);
      await expect(under.standings.removePassword(id)).resolves.toBe(false);
      await expect(under.credentials.findPassword(id)).resolves.toBeUndefined();
    });

    it('tells of a deletion that is to come, and of accepted terms, the latest first', async () => {
      const { id } = await somebody();
      await under.deletions.schedule(id, someTime, plus(1000));
      await under.terms.accept(id, '2026-01', plus(1));
      await under.terms.accept(id, '2027-01', plus(2));
      await expect(under.standings.find(id)).resolves.toMatchObject({
        deletionDueAt: plus(1000),
        terms: [
          { version: '2027-01', acceptedAt: plus(2) },
          { version: '2026-01', acceptedAt: plus(1) },
        ],
      });
    });
  });
}
