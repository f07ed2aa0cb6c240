import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Claim, KeptAnswers } from '../../server/requests/kept-answers.ts';
import type { InTransaction } from '../../server/transaction.ts';
import { someTime } from './builders.ts';
import type { Where } from './stores.ts';

const later = (hours: number): Date => new Date(someTime.getTime() + hours * 3_600_000);

interface Parts {
  keptAnswers: KeptAnswers & { forgetOld(now: Date, most: number): Promise<number> };
  inTransaction: InTransaction;
}

/** The promises of the port KeptAnswers. */
export function describeKeptAnswers(name: Where, open: () => Parts): void {
  describe(`${name}: kept answers`, () => {
    let parts: Parts;
    beforeAll(() => {
      parts = open();
    });
    const answer = Buffer.from('{"secret":"väry"}', 'utf8');
    const claim = (hash: Buffer, now = someTime): Promise<Claim> =>
      parts.keptAnswers.claim(hash, now, new Date(now.getTime() + 3_600_000));
    const ask = (hash: Buffer, now = someTime, work: () => Promise<void> = async () => {}): Promise<Claim> =>
      parts.inTransaction(async () => {
        const claimed = await claim(hash, now);
        if (claimed.kind !== 'ours') return claimed;
        await work();
        await parts.keptAnswers.keep(hash, answer);
        return claimed;
      });

    it('are given again, byte for byte, until their time is over', async () => {
      const hash = randomBytes(32);
      await expect(ask(hash)).resolves.toEqual({ kind: 'ours' });
      await expect(ask(hash)).resolves.toEqual({ kind: 'answered', answer });
      await expect(ask(hash, later(0.9))).resolves.toEqual({ kind: 'answered', answer });
      await expect(ask(hash, later(1))).resolves.toEqual({ kind: 'ours' });
      await expect(ask(hash, later(1))).resolves.toEqual({ kind: 'answered', answer });
    });

    it('are not kept of what has failed', async () => {
      const hash = randomBytes(32);
      const failure = new Error('refused');
      await expect(ask(hash, someTime, () => Promise.reject(failure))).rejects.toBe(failure);
      await expect(ask(hash)).resolves.toEqual({ kind: 'ours' });
    });

    it('are made by one of 50 that ask at once', async () => {
      const hash = randomBytes(32);
      const claims = await Promise.all(Array.from({ length: 50 }, () => ask(hash)));
      expect(claims.filter(({ kind }) => kind === 'ours')).toHaveLength(1);
      await expect(ask(hash)).resolves.toEqual({ kind: 'answered', answer });
    });

    // On the embedded database no transaction begins while another one is open.
    if (name !== 'embedded database')
      it('nobody waits for one that is being made', async () => {
        const hash = randomBytes(32);
        const seen: Claim[] = [];
        let wake = (): void => {};
        const first = new Promise<void>((resolve) => {
          wake = resolve;
        });
        const work = async (): Promise<void> => {
          wake();
          seen.push(await second);
        };
        const second = first.then(() => ask(hash));
        await expect(ask(hash, someTime, work)).resolves.toEqual({ kind: 'ours' });
        expect(seen).toEqual([{ kind: 'busy' }]);
      });

    it('are removed when their time is over', async () => {
      const hash = randomBytes(32);
      await ask(hash, later(24));
      await parts.keptAnswers.forgetOld(later(24), 1000);
      await expect(ask(hash, later(24))).resolves.toMatchObject({ kind: 'answered' });
      expect(await parts.keptAnswers.forgetOld(later(25), 1000)).toBe(1);
      expect(await parts.keptAnswers.forgetOld(later(25), 1000)).toBe(0);
    });
  });
}
