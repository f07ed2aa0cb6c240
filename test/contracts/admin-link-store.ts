import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { AdminLinkStore } from '../../server/accounts/admin-link-store.ts';
import type { InTransaction } from '../../server/transaction.ts';
import { someTime } from './builders.ts';

export interface AdminLinkStoreUnderTest {
  links: AdminLinkStore;
  inTransaction: InTransaction;
}

/** The promises of the port AdminLinkStore. */
export function describeAdminLinkStore(name: string, open: () => AdminLinkStoreUnderTest): void {
  describe(`${name}: admin link store`, () => {
    let links: AdminLinkStore;
    let inTransaction: InTransaction;
    beforeAll(() => {
      ({ links, inTransaction } = open());
    });

    const justBefore = new Date(someTime.getTime() - 1);
    const issue = async () => {
      const hash = randomBytes(32);
      await links.replace(hash, someTime);
      return hash;
    };

    it('accepts a link until its time is over', async () => {
      const hash = await issue();
      await expect(links.isLive(hash, justBefore)).resolves.toBe(true);
      await expect(links.isLive(hash, someTime)).resolves.toBe(false);
      await expect(links.consume(hash, someTime)).resolves.toBe(false);
    });

    it('ends the earlier link when a new one is made', async () => {
      const earlier = await issue();
      const later = await issue();
      await expect(links.isLive(earlier, justBefore)).resolves.toBe(false);
      await expect(links.isLive(later, justBefore)).resolves.toBe(true);
    });

    it('is used by exactly one of 50 parallel callers', async () => {
      const hash = await issue();
      const outcomes = await Promise.all(Array.from({ length: 50 }, () => links.consume(hash, justBefore)));
      expect(outcomes.filter(Boolean)).toHaveLength(1);
      await expect(links.isLive(hash, justBefore)).resolves.toBe(false);
    });

    it('is not used up by a transaction that fails', async () => {
      const hash = await issue();
      const failing = inTransaction(async () => {
        await expect(links.consume(hash, justBefore)).resolves.toBe(true);
        throw new Error('on purpose');
      });
      await expect(failing).rejects.toThrow('on purpose');
      await expect(links.consume(hash, justBefore)).resolves.toBe(true);
    });

    it('keeps one link when many are made at once', async () => {
      const hashes = await Promise.all(Array.from({ length: 10 }, issue));
      const live = await Promise.all(hashes.map((hash) => links.isLive(hash, justBefore)));
      expect(live.filter(Boolean)).toHaveLength(1);
    });
  });
}
