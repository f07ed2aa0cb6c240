import { describe, expect, it } from '@jest/globals';
import { makeEvenTime } from '../../../adapters/crypto/foreign-hashes/even-time.ts';

function aHouse(work: number | Error) {
  const waits: number[] = [];
  const state = { work, now: 0, asked: 0 };
  const evenTime = makeEvenTime({
    async dearest() {
      state.asked += 1;
      if (state.work instanceof Error) throw state.work;
      return state.work;
    },
    now: () => state.now,
    pause: async (milliseconds) => waits.push(milliseconds),
  });
  return { ...evenTime, waits, state };
}

describe('the time that a failed check of a password takes', () => {
  it('is not prolonged where there is no hash from elsewhere', async () => {
    const { even, waits } = aHouse(0);
    await even(0);
    expect(waits).toEqual([]);
  });

  it('is the same for every hash and for none', async () => {
    const { even, waits } = aHouse(100);
    const spent = [0, 0.1, 5, 90, 140];
    for (const took of spent) await even(took);
    expect(waits.map((wait, index) => wait + (spent[index] ?? 0))).toEqual([200, 200, 200, 200, 200]);
  });

  it('grows for all when a check took longer than reckoned, and not without bounds', async () => {
    const { even, waits } = aHouse(100);
    await even(230);
    await even(0);
    await even(100_000);
    await even(0);
    expect(waits).toEqual([400 - 230, 400, 400]);
  });

  it('is asked for once, and again when something was imported or after a while', async () => {
    const { even, forget, waits, state } = aHouse(0);
    await even(0);
    await even(0);
    expect(state.asked).toBe(1);
    state.work = 10;
    forget();
    await even(0);
    expect([state.asked, waits]).toEqual([2, [25]]);
    state.now = 11 * 60_000;
    state.work = 0;
    await even(0);
    expect([state.asked, waits]).toEqual([3, [25]]);
  });

  it('does not fail because nobody can say what the dearest is', async () => {
    const { even, waits, state } = aHouse(new Error('no database'));
    await even(0);
    state.work = 10;
    await even(0);
    expect([state.asked, waits]).toEqual([2, [25]]);
  });
});
