import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { AccountStore } from '../../server/accounts/store.ts';
import type { CredentialStore } from '../../server/authn/credential-store.ts';
import type { Admission, AttemptRequest, AttemptStore } from '../../server/authn/lockout/attempt-store.ts';
import { delayAfter } from '../../server/authn/lockout/delay.ts';
import { anAccount, anAttempt, aWord, someLockout, someTime } from './builders.ts';

export interface AttemptStoreUnderTest {
  accounts: AccountStore;
  credentials: CredentialStore;
  attempts: AttemptStore;
  inTransaction<T>(work: () => Promise<T>): Promise<T>;
}

const later = (seconds: number): Date => new Date(someTime.getTime() + seconds * 1000);
const aHash = () => randomBytes(32);

/** The promises of the port AttemptStore. */
export function describeAttemptStore(name: string, open: () => AttemptStoreUnderTest): void {
  describe(`${name}: attempt store`, () => {
    let under: AttemptStoreUnderTest;
    beforeAll(() => {
      under = open();
    });

    const insert = async (): Promise<string> => {
      const account = anAccount({ username: aWord() });
      await under.accounts.insert(account);
      return account.id;
    };
    const admit = (
      who: Parameters<typeof anAttempt>[0],
      overrides: Partial<AttemptRequest> = {},
    ): Promise<Admission> => under.attempts.admit(anAttempt(who, overrides));
    const kinds = (admissions: readonly Admission[]) =>
      Map.groupBy(admissions, ({ verdict }) => verdict.kind);

    /** So many failures in a row, each as soon as it is let through. Returns when the next one is. */
    async function fail(
      who: Parameters<typeof anAttempt>[0],
      failures: number,
      overrides: Partial<AttemptRequest> = {},
    ): Promise<Date> {
      let now = someTime;
      for (let count = 1; count <= failures; count += 1) {
        const { verdict } = await admit(who, { ...overrides, network: aWord(), now });
        expect(verdict).toEqual({ kind: 'admitted', failures: count });
        now = new Date(now.getTime() + delayAfter(count, someLockout) * 1000);
      }
      return now;
    }

    /** Makes a device known to the account by a sign-in. */
    async function signIn(accountId: string, overrides: Partial<AttemptRequest> = {}): Promise<Buffer> {
      const request = anAttempt({ accountId }, overrides);
      const { subject, device } = await under.attempts.admit(request);
      const tokenHash = aHash();
      await under.inTransaction(() =>
        under.attempts.succeed(
          { subject, accountId, now: request.now },
          { id: device?.id ?? aWord(), tokenHash, userAgent: 'Browser' },
        ),
      );
      return tokenHash;
    }

    it('finds the account with status and password by address, by user name and by id', async () => {
      const account = anAccount({ username: aWord(), status: 'disabled' });
      await under.accounts.insert(account);
      const password = { hash: 'hash', keyId: 'key' };
      await under.credentials.savePassword(account.id, password);
      const candidate = { accountId: account.id, status: 'disabled', password, sessionsEndedAt: null };
      for (const who of [
        { name: account.email ?? '' },
        { name: account.username ?? '' },
        { accountId: account.id },
      ])
        await expect(admit(who)).resolves.toMatchObject({
          candidate,
          device: undefined,
          subject: `account ${account.id}`,
          verdict: { kind: 'admitted' },
        });
      await expect(under.attempts.find(account.id)).resolves.toMatchObject({ failures: 3, refused: 0 });
    });

    it('finds an account without password', async () => {
      const accountId = await insert();
      const { candidate } = await admit({ accountId });
      expect(candidate).toMatchObject({ accountId, password: undefined });
    });

    it('lets as many through as the rule allows, then for ever longer in between', async () => {
      const accountId = await insert();
      const openAt = await fail({ accountId }, someLockout.softAfter);
      expect(openAt).toEqual(later(1));
      await expect(admit({ accountId }, { now: later(0.999) })).resolves.toMatchObject({
        verdict: { kind: 'locked', until: openAt },
      });
      await expect(admit({ accountId }, { now: openAt })).resolves.toMatchObject({
        verdict: { kind: 'admitted', failures: someLockout.softAfter + 1 },
      });
      await expect(admit({ accountId }, { now: openAt })).resolves.toMatchObject({
        verdict: { kind: 'locked', until: later(3) },
      });
    });

    it('lets those through whose clock is behind, as long as there is no delay', async () => {
      const accountId = await insert();
      const verdicts = [];
      for (let count = 1; count <= someLockout.softAfter; count += 1)
        verdicts.push((await admit({ accountId }, { now: later(-60 * count) })).verdict.kind);
      expect(verdicts).toEqual(verdicts.map(() => 'admitted'));
    });

    it('counts those who are not let through apart, and they prolong nothing', async () => {
      const accountId = await insert();
      const openAt = await fail({ accountId }, someLockout.softAfter);
      for (let count = 0; count < 20; count += 1) await admit({ accountId });
      await expect(under.attempts.find(accountId)).resolves.toEqual({
        failures: someLockout.softAfter,
        refused: 20,
        openAt,
      });
    });

    it('is never open again after the last failure that the rule allows, until it is cleared', async () => {
      const accountId = await insert();
      await fail({ accountId }, someLockout.hardAfter);
      await expect(admit({ accountId }, { now: later(1e8) })).resolves.toMatchObject({
        verdict: { kind: 'locked', until: null },
      });
      await expect(under.attempts.clear(accountId)).resolves.toBe(true);
      await expect(under.attempts.clear(accountId)).resolves.toBe(false);
      await expect(under.attempts.find(accountId)).resolves.toBeUndefined();
      await expect(admit({ accountId })).resolves.toMatchObject({ verdict: { failures: 1 } });
    });

    it('lets of 200 at once exactly as many through as the rule allows, and loses none of the others', async () => {
      const accountId = await insert();
      const admissions = await Promise.all(Array.from({ length: 200 }, () => admit({ accountId })));
      const { softAfter } = someLockout;
      expect(kinds(admissions).get('admitted')).toHaveLength(softAfter);
      const told = admissions.flatMap(({ verdict }) => (verdict.kind === 'admitted' ? verdict.failures : []));
      expect(told.toSorted((one, other) => one - other)).toEqual(
        Array.from({ length: softAfter }, (_, index) => index + 1),
      );
      await expect(under.attempts.find(accountId)).resolves.toMatchObject({
        failures: softAfter,
        refused: 200 - softAfter,
      });
    });

    it('counts names that no account has in the same way', async () => {
      const who = { name: aWord() };
      const target = { kind: 'login_name', name: who.name, unknown: 4711 } as const;
      const openAt = await fail(who, someLockout.softAfter, { target });
      const { verdict, candidate } = await admit(who, { target });
      expect(verdict).toEqual({ kind: 'locked', until: openAt });
      expect(candidate).toBeUndefined();
    });

    it('counts a name that no text can be', async () => {
      const target = { kind: 'login_name', name: undefined, unknown: 4712 } as const;
      await expect(admit({ name: '' }, { target })).resolves.toMatchObject({
        subject: 'unknown 4712',
        candidate: undefined,
        verdict: { kind: 'admitted', failures: 1 },
      });
    });

    it('begins anew after a success', async () => {
      const accountId = await insert();
      await fail({ accountId }, someLockout.softAfter - 1);
      await signIn(accountId);
      await expect(under.attempts.find(accountId)).resolves.toBeUndefined();
    });

    it('keeps the count when the transaction of the success fails', async () => {
      const accountId = await insert();
      const request = anAttempt({ accountId });
      const { subject } = await under.attempts.admit(request);
      const failing = under.inTransaction(async () => {
        await under.attempts.succeed({ subject, accountId, now: someTime }, undefined);
        throw new Error('cannot be kept');
      });
      await expect(failing).rejects.toThrow('cannot be kept');
      await expect(under.attempts.find(accountId)).resolves.toMatchObject({ failures: 1 });
    });

    it('takes an attempt back that was never looked at', async () => {
      const accountId = await insert();
      await fail({ accountId }, someLockout.softAfter - 1);
      const request = anAttempt({ accountId });
      const { subject } = await under.attempts.admit(request);
      await under.attempts.giveBack({ id: request.id, subject });
      await expect(admit({ accountId })).resolves.toMatchObject({
        verdict: { kind: 'admitted', failures: someLockout.softAfter },
      });
    });

    it('lets nothing of one account count against another', async () => {
      const [one, other] = [await insert(), await insert()];
      await fail({ accountId: one }, someLockout.softAfter);
      await expect(admit({ accountId: other })).resolves.toMatchObject({ verdict: { failures: 1 } });
    });

    it('goes with its account, and with a new password', async () => {
      const [gone, renewed] = [await insert(), await insert()];
      await fail({ accountId: gone }, 2);
      await fail({ accountId: renewed }, 2);
      await under.accounts.delete(gone);
      await under.credentials.savePassword(renewed, { hash: 'new', keyId: 'k' });
      await expect(under.attempts.find(gone)).resolves.toBeUndefined();
      await expect(under.attempts.find(renewed)).resolves.toBeUndefined();
    });

    it('is asked for an account that is deleted at the same moment, and answers', async () => {
      const ids = await Promise.all(Array.from({ length: 20 }, insert));
      const admissions = await Promise.all(
        ids.flatMap((accountId) => [
          admit({ accountId }),
          under.accounts.delete(accountId).then(() => admit({ accountId })),
          admit({ accountId }),
        ]),
      );
      expect(admissions).toHaveLength(60);
      for (const accountId of ids) await expect(under.attempts.find(accountId)).resolves.toBeUndefined();
    });

    describe('a known device', () => {
      it('is found by its token, among others, and by nothing else', async () => {
        const [accountId, other] = [await insert(), await insert()];
        const token = await signIn(accountId);
        const { device } = await admit({ accountId }, { devices: [aHash(), token] });
        expect(device).toMatchObject({ tokenHash: token });
        await expect(admit({ accountId }, { devices: [aHash()] })).resolves.toMatchObject({
          device: undefined,
        });
        await expect(admit({ accountId: other }, { devices: [token] })).resolves.toMatchObject({
          device: undefined,
        });
      });

      it('is let through while strangers are locked out, and has a counter of its own', async () => {
        const accountId = await insert();
        const token = await signIn(accountId);
        await fail({ accountId }, someLockout.softAfter);
        const openAt = await fail({ accountId }, someLockout.softAfter, { devices: [token] });
        await expect(admit({ accountId }, { devices: [token] })).resolves.toMatchObject({
          verdict: { kind: 'locked', until: openAt },
        });
      });

      it('does not open the account to strangers when it signs in', async () => {
        const accountId = await insert();
        const token = await signIn(accountId);
        await fail({ accountId }, someLockout.softAfter);
        await signIn(accountId, { devices: [token] });
        await expect(admit({ accountId })).resolves.toMatchObject({ verdict: { kind: 'locked' } });
      });

      it('has another token after each sign-in, and the old one is that of a stranger', async () => {
        const accountId = await insert();
        const first = await signIn(accountId);
        const { device } = await admit({ accountId }, { devices: [first] });
        const second = await signIn(accountId, { devices: [first] });
        await expect(admit({ accountId }, { devices: [second] })).resolves.toMatchObject({
          device: { id: device?.id },
        });
        await expect(admit({ accountId }, { devices: [first] })).resolves.toMatchObject({
          device: undefined,
        });
      });

      it('is one of fifty at most; the one that signed in longest ago is forgotten', async () => {
        const accountId = await insert();
        const tokens: Buffer[] = [];
        for (let count = 0; count < 51; count += 1)
          tokens.push(await signIn(accountId, { now: later(count) }));
        const [oldest = aHash(), second = aHash()] = tokens;
        await expect(admit({ accountId }, { devices: [oldest] })).resolves.toMatchObject({
          device: undefined,
        });
        await expect(admit({ accountId }, { devices: [second] })).resolves.toMatchObject({
          device: { tokenHash: second },
        });
      });

      it('is forgotten with all others of its account, and with the account', async () => {
        const accountId = await insert();
        const token = await signIn(accountId);
        await under.attempts.forgetDevices(accountId);
        await expect(admit({ accountId }, { devices: [token] })).resolves.toMatchObject({
          device: undefined,
        });
        await signIn(accountId);
        await expect(under.accounts.delete(accountId)).resolves.toBe(true);
      });
    });
  });
}
