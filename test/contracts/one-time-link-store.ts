import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { NewLink, OneTimeLinkStore } from '../../server/accounts/one-time-link.ts';
import type { InTransaction } from '../../server/transaction.ts';
import { aWord, someTime } from './builders.ts';

export interface OneTimeLinkStoreUnderTest {
  oneTimeLinks: OneTimeLinkStore;
  inTransaction: InTransaction;
}

const hour = 3_600_000;

export function aLink(overrides: Partial<NewLink> = {}): NewLink {
  return {
    tokenHash: randomBytes(32),
    purpose: 'reset_password',
    subjectId: aWord(),
    address: 'someone@example.com',
    data: { client: 'shop' },
    createdAt: someTime,
    expiresAt: new Date(someTime.getTime() + hour),
    ...overrides,
  };
}

/** The promises of the port OneTimeLinkStore. */
export function describeOneTimeLinkStore(name: string, open: () => OneTimeLinkStoreUnderTest): void {
  describe(`${name}: one-time links`, () => {
    let links: OneTimeLinkStore;
    let inTransaction: InTransaction;
    beforeAll(() => {
      ({ oneTimeLinks: links, inTransaction } = open());
    });

    const issue = async (overrides: Partial<NewLink> = {}): Promise<NewLink> => {
      const link = aLink(overrides);
      await links.issue(link);
      return link;
    };

    it('brings back what was kept', async () => {
      const link = await issue();
      await expect(links.find(link.tokenHash)).resolves.toEqual({ ...link, usedAt: null, endedAt: null });
      await expect(links.find(randomBytes(32))).resolves.toBeUndefined();
    });

    it('is used by exactly one of 50 parallel callers, and knows it afterwards', async () => {
      const { tokenHash, purpose } = await issue();
      const outcomes = await Promise.all(
        Array.from({ length: 50 }, () => links.consume(tokenHash, purpose, someTime)),
      );
      expect(outcomes.filter((link) => link !== undefined)).toHaveLength(1);
      await expect(links.find(tokenHash)).resolves.toMatchObject({ usedAt: someTime });
    });

    it('is not used up for another purpose, nor when its time is over', async () => {
      const { tokenHash, purpose, expiresAt } = await issue();
      await expect(links.consume(tokenHash, 'verify_email', someTime)).resolves.toBeUndefined();
      await expect(links.consume(tokenHash, purpose, expiresAt)).resolves.toBeUndefined();
      await expect(links.consume(tokenHash, purpose, someTime)).resolves.toMatchObject({ tokenHash });
    });

    it('is not used up by a transaction that fails', async () => {
      const { tokenHash, purpose } = await issue();
      const failing = inTransaction(async () => {
        await links.consume(tokenHash, purpose, someTime);
        throw new Error('on purpose');
      });
      await expect(failing).rejects.toThrow('on purpose');
      await expect(links.consume(tokenHash, purpose, someTime)).resolves.toBeDefined();
    });

    it('ends when a new one of the same purpose and subject is made, and no other', async () => {
      const earlier = await issue();
      const verification = await issue({ subjectId: earlier.subjectId, purpose: 'verify_email' });
      const stranger = await issue();
      const later = await issue({ subjectId: earlier.subjectId });
      await expect(links.find(earlier.tokenHash)).resolves.toMatchObject({ endedAt: someTime });
      await expect(links.consume(earlier.tokenHash, earlier.purpose, someTime)).resolves.toBeUndefined();
      for (const link of [verification, stranger, later])
        await expect(links.consume(link.tokenHash, link.purpose, someTime)).resolves.toBeDefined();
    });

    it('ends with its subject, all of them or those of some purposes', async () => {
      const reset = await issue();
      const verification = await issue({ subjectId: reset.subjectId, purpose: 'verify_email' });
      await links.endAll(reset.subjectId, someTime, ['reset_password']);
      await expect(links.find(reset.tokenHash)).resolves.toMatchObject({ endedAt: someTime });
      await expect(links.find(verification.tokenHash)).resolves.toMatchObject({ endedAt: null });
      await links.endAll(reset.subjectId, someTime);
      await expect(links.find(verification.tokenHash)).resolves.toMatchObject({ endedAt: someTime });
    });

    it('ends below a subject from a time on, and leaves the earlier ones and all others', async () => {
      const subject = aWord();
      const later = new Date(someTime.getTime() + 1000);
      const [own, early, late, other] = [
        await issue({ subjectId: subject, createdAt: later }),
        await issue({ subjectId: `${subject}/a` }),
        await issue({ subjectId: `${subject}/b`, createdAt: later }),
        await issue({ subjectId: `${subject}0/c`, createdAt: later }),
      ];
      await links.endBelow(subject, later, later);
      const ended = await Promise.all(
        [own, early, late, other].map(
          async ({ tokenHash }) => (await links.find(tokenHash))?.endedAt ?? null,
        ),
      );
      expect(ended).toEqual([null, null, later, null]);
    });
  });
}
