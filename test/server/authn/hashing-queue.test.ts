import { describe, expect, it } from '@jest/globals';
import { makeHashingQueue } from '../../../server/authn/hashing-queue.ts';

/** Jobs that end when they are told to, and a note of the order in which they began. */
function makeJobs() {
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  return {
    begun,
    job: (index: number) => async () => {
      begun.push(index);
      await new Promise<void>((resolve) => {
        ends[index] = resolve;
      });
      return index;
    },
    end: (index: number) => ends[index]?.(),
  };
}

const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('hashing queue', () => {
  it('runs no more jobs at once than it may, and the others in the order in which they came', async () => {
    const queue = makeHashingQueue({ concurrency: 2, maxWaiting: 10 });
    const { begun, job, end } = makeJobs();
    const results = [0, 1, 2, 3].map((index) => queue.run(job(index)));
    await settle();
    expect(begun).toEqual([0, 1]);
    expect(queue).toMatchObject({ running: 2, waiting: 2, capacity: 12 });
    end(1);
    await settle();
    expect(begun).toEqual([0, 1, 2]);
    for (const index of [0, 2]) end(index);
    await settle();
    end(3);
    await expect(Promise.all(results)).resolves.toEqual([0, 1, 2, 3]);
    expect(queue).toMatchObject({ running: 0, waiting: 0 });
  });

  it('refuses at once what is more than may wait, and says when to come again', async () => {
    const queue = makeHashingQueue({ concurrency: 1, maxWaiting: 1 });
    const { begun, job, end } = makeJobs();
    const accepted = [queue.run(job(0)), queue.run(job(1))];
    const refusals = await Promise.allSettled([2, 3, 4, 5, 6, 7].map((index) => queue.run(job(index))));
    expect(begun).toEqual([0]);
    const waits = refusals.map((refusal) => {
      expect(refusal).toMatchObject({ status: 'rejected', reason: { code: 'overloaded', status: 503 } });
      return refusal.status === 'rejected' ? refusal.reason.retryAfter : undefined;
    });
    expect(new Set(waits)).toEqual(new Set([1, 2, 3, 4, 5]));
    end(0);
    await settle();
    end(1);
    await expect(Promise.all(accepted)).resolves.toEqual([0, 1]);
  });

  it('goes on after a job that fails', async () => {
    const queue = makeHashingQueue({ concurrency: 1, maxWaiting: 5 });
    const failing = queue.run(async () => {
      throw new Error('on purpose');
    });
    const next = queue.run(async () => 'done');
    await expect(failing).rejects.toThrow('on purpose');
    await expect(next).resolves.toBe('done');
    expect(queue).toMatchObject({ running: 0, waiting: 0 });
  });

  it('lets nobody who comes later take the place of one who waits', async () => {
    const queue = makeHashingQueue({ concurrency: 1, maxWaiting: 5 });
    const { begun, job, end } = makeJobs();
    const first = queue.run(job(0)).then(() => queue.run(job(2)));
    const second = queue.run(job(1));
    await settle();
    end(0);
    await settle();
    expect(begun).toEqual([0, 1]);
    end(1);
    await settle();
    end(2);
    await Promise.all([first, second]);
    expect(begun).toEqual([0, 1, 2]);
  });
});
