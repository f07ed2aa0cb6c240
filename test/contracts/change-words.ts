import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ChangeWords } from '../../server/changes/feed.ts';
import { waitFor } from '../support/wait-for.ts';

/** The promises of the port ChangeWords, which are few: `open` gives a connected one, as a process of its own has it. */
export function describeChangeWords(name: string, open: () => Promise<ChangeWords>): void {
  describe(`${name}: words of changes`, () => {
    const heard = { one: 0, other: 0 };
    let one: ChangeWords;
    let other: ChangeWords;
    beforeAll(async () => {
      [one, other] = await Promise.all([open(), open()]);
      one.onWord(() => {
        heard.one += 1;
      });
      other.onWord(() => {
        heard.other += 1;
      });
    });
    afterAll(() => Promise.all([one.close(), other.close()]));

    it('reaches another process', async () => {
      const before = heard.other;
      one.send();
      await waitFor('the word has come', () => heard.other > before, { every: 2 });
    });

    it('reaches it back', async () => {
      const before = heard.one;
      other.send();
      await waitFor('the word has come', () => heard.one > before, { every: 2 });
    });

    it('takes a thousand words at once without keeping the one who sends waiting', async () => {
      const began = performance.now();
      for (let word = 0; word < 1000; word += 1) one.send();
      expect(performance.now() - began).toBeLessThan(200);
      const before = heard.other;
      await waitFor('words have come', () => heard.other > before, { every: 2 });
    });
  });
}
