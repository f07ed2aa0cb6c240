import { expect, test } from '@jest/globals';
import { repeat } from '../../../server/process/repeat.ts';
import { waitFor } from '../../support/wait-for.ts';

test('work is done again after a round that failed, and what failed is told', async () => {
  let rounds = 0;
  const told: unknown[] = [];
  const stop = repeat({
    work: async () => {
      rounds += 1;
      if (rounds === 1) throw new Error('away');
    },
    pause: 1,
    onFailure: (error) => told.push(error),
  });
  await waitFor('there were three rounds', async () => rounds >= 3);
  await stop();
  expect(told).toEqual([new Error('away')]);
});

test('an end waits for the round that is running, which learns of it, and no other one follows', async () => {
  let rounds = 0;
  let running = 0;
  const stop = repeat({
    work: async (isStopped) => {
      rounds += 1;
      running += 1;
      await waitFor('it is stopped', async () => isStopped());
      running -= 1;
    },
    pause: 1,
    onFailure: (error) => expect(error).toBeUndefined(),
  });
  await waitFor('it runs', async () => running === 1);
  await stop();
  expect([rounds, running]).toEqual([1, 0]);
});
