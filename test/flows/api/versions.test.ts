import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { prepareCall } from './calls.ts';
import { forPeopleOnly } from './needs-of-rights.ts';
import type { DescribedOperation } from './operations.ts';
import { openStage, type Stage } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage('PostgreSQL');
}, 120_000);
afterAll(() => stage.dispose());

const takesIfMatch = ({ headers }: DescribedOperation): boolean => headers.includes('If-Match');

it('refuses every change of what was changed meanwhile, by each form that an entity tag has', async () => {
  const changes = stage.operations.filter(takesIfMatch);
  expect(changes.length).toBeGreaterThanOrEqual(10);
  const faults: unknown[] = [];
  for (const operation of changes) {
    const { path, body } = await prepareCall(stage, operation);
    const { operationId, method } = operation;
    for (const tag of ['"v999"', 'W/"v1"', '"v0", W/"v1"', 'v1', '""', 'nonsense']) {
      const { status, body: answer } = await stage.server.admin(method, path, body, { 'if-match': tag });
      if (status !== 412 || answer.code !== 'precondition_failed')
        faults.push({ operationId, tag, status, code: answer.code });
    }
    const { status } = await stage.server.admin(method, path, body, {
      'if-match': '"v0", "v1", "v2", W/"v3"',
    });
    if (status !== operation.success) faults.push({ operationId, status });
  }
  expect(faults).toEqual([]);
}, 120_000);

it('lets no object that has a version be changed regardless of it', async () => {
  const reads = stage.operations.filter(
    ({ method, path, operationId }) =>
      method === 'GET' && path.endsWith('}') && !forPeopleOnly.includes(operationId),
  );
  const open: string[] = [];
  let versioned = 0;
  for (const operation of reads) {
    const { path } = await prepareCall(stage, operation);
    const { headers } = await stage.server.admin('GET', path);
    if (headers.get('etag') === null) continue;
    versioned += 1;
    const changes = stage.operations.filter(
      (other) => other.path === operation.path && ['PUT', 'PATCH', 'DELETE'].includes(other.method),
    );
    open.push(...changes.filter((change) => !takesIfMatch(change)).map(({ operationId }) => operationId));
  }
  expect(versioned).toBeGreaterThanOrEqual(4);
  expect(open).toEqual([]);
}, 120_000);
