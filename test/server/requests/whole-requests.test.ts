import { beforeEach, describe, expect, it } from '@jest/globals';
import { makeWholeRequests, type WholeRequests } from '../../../server/requests/whole-requests.ts';
import type { InTransaction } from '../../../server/transaction.ts';

describe('a whole request', () => {
  let events: string[];
  let whole: WholeRequests;
  beforeEach(() => {
    events = [];
    const noting =
      (name: string): InTransaction =>
      async (work) => {
        events.push(`${name} begun`);
        try {
          const result = await work();
          events.push('committed');
          return result;
        } catch (error) {
          events.push('undone');
          throw error;
        }
      };
    whole = makeWholeRequests({ inTransaction: noting('transaction'), inSilence: noting('silence') });
  });
  const slow = (name: string): Promise<string> =>
    whole.aside(name, async () => {
      events.push(`${name} done`);
      return `result of ${name}`;
    });

  it('is kept with what it returns', async () => {
    await expect(whole.keep(async () => 7)).resolves.toBe(7);
    expect(events).toEqual(['transaction begun', 'committed']);
  });

  it('is rehearsed in silence: undone, and its result is known, be it nothing', async () => {
    await expect(whole.rehearse(async () => 7)).resolves.toBe(7);
    expect(events).toEqual(['silence begun', 'undone']);
    await expect(whole.rehearse(async () => undefined)).resolves.toBeUndefined();
  });

  it.each(['keep', 'rehearse'] as const)('fails as its work fails (%s)', async (how) => {
    const failure = new Error('refused');
    await expect(whole[how](() => Promise.reject(failure))).rejects.toBe(failure);
    expect(events.at(-1)).toBe('undone');
  });

  it('does slow work once, while no transaction is open', async () => {
    const work = async () => [await slow('one'), await slow('two'), await slow('one')];
    await expect(whole.keep(work)).resolves.toEqual(['result of one', 'result of two', 'result of one']);
    expect(events).toEqual([
      ...['transaction begun', 'undone', 'one done'],
      ...['transaction begun', 'undone', 'two done'],
      ...['transaction begun', 'committed'],
    ]);
  });

  it('fails as slow work fails', async () => {
    const failure = new Error('overloaded');
    const work = () => whole.aside('one', () => Promise.reject(failure));
    await expect(whole.rehearse(work)).rejects.toBe(failure);
  });

  it('knows nothing of the slow work of another', async () => {
    await Promise.all([whole.keep(() => slow('one')), whole.keep(() => slow('one'))]);
    expect(events.filter((event) => event === 'one done')).toHaveLength(2);
  });

  it('is not needed for slow work', async () => {
    await expect(slow('one')).resolves.toBe('result of one');
    expect(events).toEqual(['one done']);
  });
});
