import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { MailAllowance } from '../../server/outbox/mail-allowance.ts';
import { someTime } from './builders.ts';

const minutes = (count: number): Date => new Date(someTime.getTime() + count * 60_000);

/** The promises of the port MailAllowance. */
export function describeMailAllowance(name: string, open: () => { mailAllowance: MailAllowance }): void {
  describe(`${name}: mail allowance`, () => {
    let allowance: MailAllowance;
    beforeAll(() => {
      ({ mailAllowance: allowance } = open());
    });

    const at = async (times: readonly number[]): Promise<boolean[]> => {
      const key = randomBytes(32);
      const answers: boolean[] = [];
      for (const time of times) answers.push(await allowance.take(key, minutes(time)));
      return answers;
    };

    it('allows one in two minutes', async () => {
      await expect(at([0, 1, 1.9, 2])).resolves.toEqual([true, false, false, true]);
    });

    it('allows five in any hour', async () => {
      await expect(at([0, 2, 4, 6, 8, 10, 59, 60, 61, 62, 63])).resolves.toEqual([
        ...[true, true, true, true, true],
        ...[false, false, true, false, true, false],
      ]);
    });

    it('allows one of 50 at once', async () => {
      const key = randomBytes(32);
      const answers = await Promise.all(Array.from({ length: 50 }, () => allowance.take(key, someTime)));
      expect(answers.filter(Boolean)).toHaveLength(1);
    });
  });
}
