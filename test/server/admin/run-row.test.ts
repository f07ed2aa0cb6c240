import { expect, test } from '@jest/globals';
import { makeRunRow } from '../../../server/admin/bulk/run-row.ts';
import { oneUser } from '../../../server/admin/user-routes.ts';
import { AppError } from '../../../server/errors.ts';
import { defineRoute, noBody, noParameters, type Route } from '../../../server/http/api/route.ts';
import type { BulkResult, WaitingRow } from '../../../server/requests/bulk-jobs.ts';
import { someTime } from '../../contracts/builders.ts';

const deletion = (work: () => void): Route =>
  defineRoute({
    method: 'DELETE',
    path: '/users/{id}',
    operationId: 'deleteUser',
    scope: 'users:write',
    summary: 'Delete a user',
    params: oneUser,
    query: noParameters,
    body: noBody,
    success: { status: 204, description: 'The user is gone' },
    errors: [],
    async handle() {
      work();
      return { status: 204 };
    },
  });

const claims = { sub: 'desk', client_id: 'desk', scope: 'users:write', aud: 'a', iss: 'i', jti: 'j', exp: 1 };
const waiting: WaitingRow = {
  job: {
    id: 'job',
    collection: 'users',
    sub: 'desk',
    clientId: 'desk',
    caller: { claims, actor: { kind: 'client', id: 'desk' } },
    isDryRun: false,
    total: 1,
    done: 0,
    failed: 0,
    createdAt: someTime,
    startedAt: null,
    finishedAt: null,
    cancelledAt: null,
  },
  number: 1,
  operation: { op: 'delete', id: 'somebody' },
};

function run(work: () => void) {
  const results: BulkResult[] = [];
  const faults: unknown[] = [];
  const runRow = makeRunRow({
    bulkJobs: {
      next: async () => waiting,
      finish: async (_job, _number, result) => results.push(result) > 0,
    },
    wholeRequests: {
      keep: (whole) => whole(),
      rehearse: (whole) => whole(),
      aside: (_name, whole) => whole(),
    },
    routes: [deletion(work)],
    findPresentScopes: async () => new Set(['users:write']),
    clock: { now: () => someTime },
    onRowFault: (error) => faults.push(error),
  });
  return { results, faults, done: runRow() };
}

test('a row that fails by a fault of ours has a result, and does not hold up those that follow', async () => {
  const fault = new TypeError('of undefined');
  const { results, faults, done } = run(() => {
    throw fault;
  });
  await expect(done).resolves.toBe(true);
  expect(results).toMatchObject([{ status: 500, objectId: 'somebody', problem: { code: 'internal' } }]);
  expect(JSON.stringify(results)).not.toContain('undefined');
  expect(faults).toEqual([fault]);
});

test('a row that meets a database that is away stays, and is run later', async () => {
  const { results, faults, done } = run(() => {
    throw new AppError('unavailable');
  });
  await expect(done).rejects.toThrow('cannot be reached');
  expect([results, faults]).toEqual([[], []]);
});
