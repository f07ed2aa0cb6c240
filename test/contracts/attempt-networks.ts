import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Admission, AttemptRequest } from '../../server/authn/lockout/attempt-store.ts';
import type { AttemptStoreUnderTest } from './attempt-store.ts';
import { anAccount, anAttempt, aWord, someLockout, someTime } from './builders.ts';

const later = (seconds: number): Date => new Date(someTime.getTime() + seconds * 1000);

/** What the port AttemptStore promises of network addresses. */
export function describeAttemptNetworks(name: string, open: () => AttemptStoreUnderTest): void {
  describe(`${name}: attempts of networks`, () => {
    let under: AttemptStoreUnderTest;
    beforeAll(() => {
      under = open();
    });

    async function fail(request: AttemptRequest): Promise<Admission> {
      const admission = await under.attempts.admit(request);
      const { subject, verdict } = admission;
      if (verdict.kind !== 'limited') await under.attempts.noteFailure({ ...request, subject });
      return admission;
    }

    /** A name that no account has, with a counter of its own. */
    let names = 100;
    const someone = () => {
      names += 1;
      return { kind: 'login_name', name: aWord(), unknown: names } as const;
    };

    it('lets no more through from a network that has failed with too many accounts, but for known devices', async () => {
      const account = anAccount();
      await under.accounts.insert(account);
      const network = aWord();
      const tokenHash = randomBytes(32);
      const first = anAttempt({ accountId: account.id });
      const { subject } = await under.attempts.admit(first);
      await under.attempts.succeed(
        { subject, accountId: account.id, now: someTime },
        { id: aWord(), tokenHash, userAgent: undefined },
      );
      for (let count = 0; count < someLockout.accountsPerNetwork; count += 1) {
        const { verdict } = await fail(
          anAttempt({ name: '' }, { target: someone(), network, now: later(count) }),
        );
        expect(verdict.kind).toBe('admitted');
      }
      const now = later(someLockout.accountsPerNetwork);
      const limited = await under.attempts.admit(anAttempt({ accountId: account.id }, { network, now }));
      expect(limited.verdict).toEqual({ kind: 'limited', by: 'network', until: later(someLockout.window) });
      await expect(under.attempts.find(account.id)).resolves.toBeUndefined();
      const known = { network, now, devices: [tokenHash] };
      await expect(under.attempts.admit(anAttempt({ accountId: account.id }, known))).resolves.toMatchObject({
        verdict: { kind: 'admitted' },
      });
      const elsewhere = { network: aWord(), now };
      await expect(
        under.attempts.admit(anAttempt({ accountId: account.id }, elsewhere)),
      ).resolves.toMatchObject({ verdict: { kind: 'admitted' } });
    });

    it('lets no more through from a network that has failed too often, until that is long ago', async () => {
      const target = someone();
      const network = aWord();
      for (let count = 0; count < someLockout.perNetwork; count += 1)
        await fail(anAttempt({ name: '' }, { target, network, now: later(count) }));
      const at = (now: Date) =>
        under.attempts.admit(anAttempt({ name: '' }, { target: someone(), network, now }));
      await expect(at(later(someLockout.perNetwork))).resolves.toMatchObject({
        verdict: { kind: 'limited', by: 'network', until: later(someLockout.window) },
      });
      await expect(at(later(someLockout.window + 1))).resolves.toMatchObject({
        verdict: { kind: 'admitted' },
      });
    });

    it('does not count those who are being checked at the same moment', async () => {
      const network = aWord();
      const admissions = await Promise.all(
        Array.from({ length: 3 * someLockout.accountsPerNetwork }, () =>
          under.attempts.admit(anAttempt({ name: '' }, { target: someone(), network })),
        ),
      );
      expect(new Set(admissions.map(({ verdict }) => verdict.kind))).toEqual(new Set(['admitted']));
    });

    it('raises an alarm once for one event, whoever asks, and again when it was quiet for long enough', async () => {
      const subject = aWord();
      const raise = (seconds: number) =>
        under.attempts.raiseAlarm({ subject, id: aWord(), now: later(seconds), seconds: 60 });
      const raised = await Promise.all(Array.from({ length: 50 }, () => raise(0)));
      expect(raised.filter((isNew) => isNew)).toHaveLength(1);
      await expect(raise(40)).resolves.toBe(false);
      await expect(raise(99)).resolves.toBe(false);
      await expect(raise(160)).resolves.toBe(true);
    });
  });
}
