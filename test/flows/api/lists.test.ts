import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { addAccount } from '../protocol/app.ts';
import { prepareCall } from './calls.ts';
import type { DescribedOperation } from './operations.ts';
import { openStage, type Stage } from './stage.ts';

let stage: Stage;
let lists: { operation: DescribedOperation; path: string }[];
beforeAll(async () => {
  stage = await openStage('PostgreSQL');
  for (let count = 0; count < 3; count += 1) await addAccount(stage.server, `listed-${count}@example.org`);
  lists = [];
  for (const operation of stage.operations.filter(({ query }) => query.includes('after')))
    lists.push({ operation, path: (await prepareCall(stage, operation)).path });
}, 120_000);
afterAll(() => stage.dispose());

const paging = ['limit', 'after'];
const ask = (path: string, query: Record<string, string>) =>
  stage.server.admin(
    'GET',
    `${path}${path.includes('?') ? '&' : '?'}${new URLSearchParams(query).toString()}`,
  );

describe('a cursor', () => {
  it('is good for the list that gave it out, asked for in the same way, and for no other', async () => {
    const faults: unknown[] = [];
    let used = 0;
    for (const { operation, path } of lists) {
      const { operationId, query, sorts } = operation;
      const { body } = await ask(path, { limit: '1' });
      if (typeof body.next !== 'string') continue;
      used += 1;
      const after = body.next;
      const again = await ask(path, { limit: '2', after });
      if (again.status !== 200) faults.push({ operationId, again: again.status });
      for (const name of query.filter((one) => ![...paging, 'sort'].includes(one))) {
        const { status } = await ask(path, { after, [name]: 'x' });
        if (status !== 400) faults.push({ operationId, name, status });
      }
      // One of them is the order in which the list comes when it is not asked for one.
      const answers = [];
      for (const sort of sorts) answers.push((await ask(path, { after, sort })).status);
      if (answers.filter((status) => status !== 400).length > 1) faults.push({ operationId, answers });
      for (const other of lists.filter((one) => one.operation !== operation)) {
        const { status, body: refused } = await ask(other.path, { after });
        if (status !== 400 || refused.code !== 'invalid_cursor')
          faults.push({ operationId, takenBy: other.operation.operationId, status });
      }
    }
    expect(used).toBeGreaterThanOrEqual(4);
    expect(faults).toEqual([]);
  }, 120_000);
});

/** ATTACKS I06. */
const payloads = [
  ...["'", '"', '`', ';', '--', '/*', '\\', '%', '_', '$1', '$$', '?', ':id', '*', '()'],
  ...["' or '1'='1", "' or 1=1--", "') or ('1'='1", "'; drop table account; --", '1; select pg_sleep(3)'],
  ...[
    "' union select hash from password_credential--",
    "'||pg_sleep(3)||'",
    '1 and 1=cast(version() as int)',
  ],
  ...[
    'created_at;',
    'created_at desc, (select 1)',
    'created_at nulls first',
    'id',
    'password',
    'hash',
    'roles',
  ],
  ...[
    '(select hash from password_credential limit 1)',
    'case when 1=1 then email else id end',
    '1',
    '-1',
    '+email',
  ],
  ...[
    '--created_at',
    'CREATED_AT',
    'created_at ',
    ' created_at',
    'created_at,email',
    'email.asc',
    '{"$gt":""}',
  ],
  ...[
    '[object Object]',
    '__proto__',
    'constructor',
    '../../etc/passwd',
    '%00',
    '\u202e',
    '\ud83d\ude00',
    'null',
  ],
];

describe('I06: what is injected', () => {
  it('is 50 payloads', () => {
    expect(new Set(payloads).size).toBe(50);
  });

  it.each(['sort', 'after', 'limit'])(
    'into %s is refused by every list, at once',
    async (name) => {
      const faults: unknown[] = [];
      for (const { operation, path } of lists.filter((list) => list.operation.query.includes(name)))
        for (const payload of payloads) {
          const isGood = name === 'limit' && payload === '1';
          const started = performance.now();
          const { status } = await ask(path, { [name]: payload });
          const took = performance.now() - started;
          if (status !== (isGood ? 200 : 400) || took > 2500)
            faults.push({ list: operation.operationId, payload, status, took });
        }
      expect(faults).toEqual([]);
    },
    240_000,
  );

  it('into a filter finds nothing, at once, and changes nothing', async () => {
    const faults: unknown[] = [];
    const [before] = await stage.rows('select count(*) from account');
    let turn = 0;
    for (const { operation, path } of lists)
      for (const name of operation.query.filter((one) => ![...paging, 'sort'].includes(one)))
        for (let count = 0; count < 10; count += 1) {
          const payload = payloads[turn++ % payloads.length] ?? '';
          const started = performance.now();
          const { status } = await ask(path, { [name]: payload });
          const took = performance.now() - started;
          if (![200, 400].includes(status) || took > 2500)
            faults.push({ list: operation.operationId, name, payload, status, took });
        }
    expect(faults).toEqual([]);
    await expect(stage.rows('select count(*) from account')).resolves.toEqual([before]);
  }, 240_000);
});
