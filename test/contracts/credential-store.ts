import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Database } from '../../adapters/postgres/connection/database.ts';
import type { AccountStore } from '../../server/accounts/store.ts';
import type { CredentialStore } from '../../server/authn/credential-store.ts';
import type { AttemptStore } from '../../server/authn/lockout/attempt-store.ts';
import type { InTransaction } from '../../server/transaction.ts';
import { anAccount, anAttempt, aWord, someTime } from './builders.ts';

export interface CredentialStoreUnderTest {
  accounts: AccountStore;
  credentials: CredentialStore;
  attempts: AttemptStore;
  inTransaction: InTransaction;
  database: Database;
}

/** The account as somebody who presents its password finds it. */
async function findCandidate(attempts: AttemptStore, accountId: string) {
  return (await attempts.admit(anAttempt({ accountId }))).candidate;
}

/** The promises of the port CredentialStore. */
export function describeCredentialStore(name: string, open: () => CredentialStoreUnderTest): void {
  describe(`${name}: credential store`, () => {
    let accounts: AccountStore;
    let credentials: CredentialStore;
    let attempts: AttemptStore;
    let inTransaction: InTransaction;
    let database: Database;
    beforeAll(() => {
      ({ accounts, credentials, attempts, inTransaction, database } = open());
    });

    const first = { hash: 'hash one', keyId: 'k1' };
    const second = { hash: 'hash two', keyId: 'k2' };

    const insert = async () => {
      const account = anAccount({ username: aWord() });
      await accounts.insert(account);
      return account;
    };

    it('lets nobody in by a password that must be replaced, until it is', async () => {
      const { id } = await insert();
      await expect(credentials.demandReset(id)).resolves.toBe(false);
      await credentials.savePassword(id, first);
      await expect(credentials.demandReset(id)).resolves.toBe(true);
      await expect(findCandidate(attempts, id)).resolves.toMatchObject({ mustReset: true });
      await credentials.savePassword(id, second);
      await expect(findCandidate(attempts, id)).resolves.toMatchObject({ mustReset: false });
    });

    it('finds no password of an unknown account', async () => {
      await expect(credentials.findPassword(aWord())).resolves.toBeUndefined();
    });

    it('replaces a password that is saved again', async () => {
      const account = await insert();
      await credentials.savePassword(account.id, first);
      await credentials.savePassword(account.id, second);
      await expect(credentials.findPassword(account.id)).resolves.toEqual(second);
    });

    it('upgrades a hash only while it still is the one that was verified', async () => {
      const account = await insert();
      await credentials.savePassword(account.id, first);
      await expect(
        credentials.upgradePassword(account.id, { ...first, keyId: 'other' }, second),
      ).resolves.toBe(false);
      await expect(credentials.upgradePassword(account.id, first, second)).resolves.toBe(true);
      await expect(credentials.upgradePassword(account.id, first, second)).resolves.toBe(false);
      await expect(credentials.findPassword(account.id)).resolves.toEqual(second);
    });

    it('keeps a hash of another system until ours takes its place', async () => {
      const account = await insert();
      const foreign = { hash: 'their hash', scheme: 'bcrypt', work: 100 };
      await credentials.savePassword(account.id, foreign);
      await expect(credentials.findPassword(account.id)).resolves.toEqual(foreign);
      const changed = { ...foreign, hash: 'another hash' };
      await expect(credentials.upgradePassword(account.id, changed, first)).resolves.toBe(false);
      await expect(credentials.upgradePassword(account.id, foreign, first)).resolves.toBe(true);
      await expect(credentials.findPassword(account.id)).resolves.toEqual(first);
    });

    it('changes a password only while the proof of the present one counts', async () => {
      const account = await insert();
      const provenAfter = async () => (await findCandidate(attempts, account.id))?.sessionsEndedAt ?? null;
      await credentials.savePassword(account.id, first, new Date(someTime.getTime() + 1000));
      const proof = await provenAfter();
      await expect(credentials.changePassword(account.id, second, proof)).resolves.toBe(true);
      await expect(findCandidate(attempts, account.id)).resolves.toMatchObject({
        password: second,
        temporaryUntil: null,
      });
      await database.current()('account').where({ id: account.id }).update({ sessions_ended_at: someTime });
      await expect(credentials.changePassword(account.id, first, proof)).resolves.toBe(false);
      await expect(credentials.changePassword(account.id, first, await provenAfter())).resolves.toBe(true);
      await database.current()('account').where({ id: account.id }).update({ status: 'disabled' });
      await expect(credentials.changePassword(account.id, second, await provenAfter())).resolves.toBe(false);
      await expect(credentials.changePassword(aWord(), second, null)).resolves.toBe(false);
      await expect(credentials.findPassword(account.id)).resolves.toEqual(first);
    });

    it('is changed once by those who have proven one password and end all sessions with it', async () => {
      const account = await insert();
      await credentials.savePassword(account.id, first);
      const change = (hash: string) =>
        inTransaction(async () => {
          const changed = await credentials.changePassword(account.id, { hash, keyId: 'k1' }, null);
          if (changed)
            await database
              .current()('account')
              .where({ id: account.id })
              .update({ sessions_ended_at: someTime });
          return changed;
        });
      const outcomes = await Promise.all(Array.from({ length: 10 }, (_, index) => change(`hash ${index}`)));
      expect(outcomes.filter((changed) => changed)).toHaveLength(1);
      const winner = outcomes.indexOf(true);
      await expect(credentials.findPassword(account.id)).resolves.toMatchObject({ hash: `hash ${winner}` });
    });

    it('says until when a password can be used that its owner has not chosen', async () => {
      const account = await insert();
      const until = new Date(someTime.getTime() + 1000);
      await credentials.savePassword(account.id, first, until);
      await expect(findCandidate(attempts, account.id)).resolves.toMatchObject({ temporaryUntil: until });
      await credentials.savePassword(account.id, second);
      await expect(findCandidate(attempts, account.id)).resolves.toMatchObject({ temporaryUntil: null });
    });

    it('lets the password go with its account', async () => {
      const account = await insert();
      await credentials.savePassword(account.id, first);
      await accounts.delete(account.id);
      await expect(credentials.findPassword(account.id)).resolves.toBeUndefined();
    });
  });
}
