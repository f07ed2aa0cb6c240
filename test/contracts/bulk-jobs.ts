import { beforeAll, describe, expect, it } from '@jest/globals';
import { randomIds } from '../../server/ids.ts';
import type { BulkJob, BulkJobs } from '../../server/requests/bulk-jobs.ts';
import { someTime } from './builders.ts';

const seconds = (count: number): Date => new Date(someTime.getTime() + count * 1000);
const fine = { status: 204, objectId: 'x', problem: null };
const refused = { status: 404, objectId: null, problem: { code: 'user_not_found' } };

/** The promises of the port BulkJobs. */
export function describeBulkJobs(
  name: string,
  open: () => { bulkJobs: BulkJobs; inTransaction: <T>(work: () => Promise<T>) => Promise<T> },
): void {
  describe(`${name}: jobs`, () => {
    let jobs: BulkJobs;
    let inTransaction: ReturnType<typeof open>['inTransaction'];
    let made = 0;
    beforeAll(() => {
      ({ bulkJobs: jobs, inTransaction } = open());
    });

    async function aJob(operations: readonly unknown[]): Promise<BulkJob> {
      made += 1;
      const job: BulkJob = {
        id: randomIds.id(),
        collection: 'users',
        sub: randomIds.id(),
        clientId: 'console',
        caller: { claims: { sub: 'x', scope: 'users:write' }, actor: { kind: 'client' } },
        isDryRun: false,
        total: operations.length,
        done: 0,
        failed: 0,
        createdAt: seconds(made),
        startedAt: null,
        finishedAt: null,
        cancelledAt: null,
      };
      await jobs.insert(job, operations);
      return job;
    }
    const end = async (job: BulkJob) => void (await jobs.cancel(job.id, seconds(100)));

    it('give out their rows in order, the one that waits longest first', async () => {
      const [first, second] = [await aJob([{ op: 'a' }, { op: 'b' }]), await aJob([{ op: 'c' }])];
      await expect(jobs.next()).resolves.toEqual({ job: first, number: 1, operation: { op: 'a' } });
      await expect(jobs.finish(first.id, 1, fine, seconds(50))).resolves.toBe(true);
      await expect(jobs.next()).resolves.toMatchObject({ number: 2, operation: { op: 'b' } });
      await expect(jobs.finish(first.id, 2, refused, seconds(51))).resolves.toBe(true);
      await expect(jobs.find(first.id)).resolves.toMatchObject({
        ...{ done: 2, failed: 1, startedAt: seconds(50), finishedAt: seconds(51), cancelledAt: null },
      });
      await expect(jobs.results(first.id, 0, 10)).resolves.toEqual([
        { number: 1, ...fine },
        { number: 2, ...refused },
      ]);
      await expect(jobs.results(first.id, 1, 10)).resolves.toEqual([{ number: 2, ...refused }]);
      await expect(jobs.next()).resolves.toMatchObject({ job: { id: second.id }, operation: { op: 'c' } });
      await expect(jobs.listOf('users', first.sub, 'console')).resolves.toMatchObject([{ id: first.id }]);
      await expect(jobs.listOf('clients', first.sub, 'console')).resolves.toEqual([]);
      await end(second);
      await expect(jobs.next()).resolves.toBeUndefined();
    });

    it('have one result for a row, of twenty that come at once, and none where it was undone', async () => {
      const job = await aJob([{ op: 'a' }]);
      const undone = inTransaction(async () => {
        await jobs.finish(job.id, 1, fine, seconds(60));
        throw new Error('undone');
      });
      await expect(undone).rejects.toThrow('undone');
      await expect(jobs.results(job.id, 0, 10)).resolves.toEqual([]);
      const tries = Array.from({ length: 20 }, () => jobs.finish(job.id, 1, fine, seconds(61)));
      expect((await Promise.all(tries)).filter(Boolean)).toHaveLength(1);
      await expect(jobs.find(job.id)).resolves.toMatchObject({ done: 1, failed: 0 });
    });

    it('are stopped once, and then no row of them has a result any more', async () => {
      const job = await aJob([{ op: 'a' }, { op: 'b' }]);
      await jobs.finish(job.id, 1, fine, seconds(70));
      await expect(jobs.cancel(job.id, seconds(71))).resolves.toBe(true);
      await expect(jobs.cancel(job.id, seconds(72))).resolves.toBe(false);
      await expect(jobs.finish(job.id, 2, fine, seconds(73))).resolves.toBe(false);
      await expect(jobs.find(job.id)).resolves.toMatchObject({ done: 1, cancelledAt: seconds(71) });
    });

    it('are forgotten with their rows, a few at once', async () => {
      const job = await aJob([{ op: 'a' }]);
      await end(job);
      while ((await jobs.forgetBefore(seconds(90), 1)) > 0);
      await expect(jobs.find(job.id)).resolves.toBeUndefined();
      await expect(jobs.results(job.id, 0, 10)).resolves.toEqual([]);
    });
  });
}
