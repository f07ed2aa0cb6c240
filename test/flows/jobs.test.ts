import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTwo } from '../process/changes.ts';
import type { RunningGatehouse } from '../support/gatehouse.ts';
import { makeOperator } from '../support/operator.ts';
import { readRows } from '../support/rows.ts';
import { waitFor } from '../support/wait-for.ts';
import { addAccount, registerApp } from './protocol/app.ts';

/** Two servers on one database: either may run what the other was asked for. */
describe('jobs of the admin API', () => {
  let here: RunningGatehouse;
  let there: RunningGatehouse;
  let count = 0;
  beforeAll(async () => {
    [there, here] = await startTwo({});
  }, 60_000);
  afterAll(async () => {
    await here.dispose();
    await there.dispose();
  }, 60_000);

  const url = () => {
    if (here.database === 'embedded') throw new Error('not on PostgreSQL');
    return here.database.url;
  };
  const address = () => {
    count += 1;
    return `job-${count}@example.org`;
  };
  const begin = async (path: string, body: unknown) => {
    const made = await here.admin('POST', path, body);
    expect(made).toMatchObject({ status: 202, body: { done: 0, failed: 0 } });
    expect(made.headers.get('location')).toBe(`${here.issuer}/api/admin/v1/${path}/${String(made.body.id)}`);
    return String(made.body.id);
  };
  const read = async (path: string, server = here) => (await server.admin('GET', path)).body;
  const untilOver = (path: string, server = here) =>
    waitFor('the job is over', async () => (await read(path, server)).finished_at !== null, {
      within: 60_000,
    });
  const results = async (path: string, server = here) =>
    (await read(`${path}/results?limit=100`, server)).items ?? [];

  it('run each operation as it would be alone, and tell what became of it in its order', async () => {
    const [old, closed, kept] = [
      await addAccount(here, address()),
      await addAccount(here, address()),
      await addAccount(here, address()),
    ];
    const email = address();
    const id = await begin('user-jobs', {
      operations: [
        { op: 'create', body: { email, name: 'New', password: 'seven otters paint blue doors' } },
        { op: 'patch', id: kept.sub, body: { name: 'Patched' } },
        { op: 'delete', id: old.sub },
        { op: 'disable', id: closed.sub, body: { reason: 'Left us' } },
        { op: 'create', body: { email } },
        { op: 'patch', id: kept.sub, body: { nickname: 7 } },
        { op: 'patch', id: kept.sub, body: { name: 'Late' }, if_match: '"v1"' },
        { op: 'delete', id: 'nobody' },
      ],
    });
    await untilOver(`user-jobs/${id}`);
    expect(await read(`user-jobs/${id}`, there)).toMatchObject({
      state: 'done',
      total: 8,
      done: 8,
      failed: 4,
    });
    const told = await results(`user-jobs/${id}`, there);
    expect(told.map(({ number, status }) => [number, status])).toEqual([
      [1, 201],
      [2, 200],
      [3, 204],
      [4, 200],
      [5, 409],
      [6, 400],
      [7, 412],
      [8, 404],
    ]);
    expect(told[4]).toMatchObject({ problem: { code: 'login_name_taken' } });
    expect(told[5]).toMatchObject({ problem: { code: 'invalid_input', errors: [{ field: 'nickname' }] } });
    expect(await read(`users/${String(told[0]?.id)}`)).toMatchObject({ email, name: 'New' });
    expect(await read(`users/${kept.sub}`)).toMatchObject({ name: 'Patched' });
    expect(await read(`users/${closed.sub}`)).toMatchObject({ status: 'disabled' });
    const events = (await read(`audit-events?person=${kept.sub}&type=user.updated`)).items ?? [];
    expect(events).toMatchObject([{ actor: { kind: 'client', id: here.bootstrap.clientId }, sub: kept.sub }]);
    const rows = await readRows(url(), 'select operation_encrypted from bulk_row where status is not null');
    expect(new Set(rows.map((row) => row.operation_encrypted))).toEqual(new Set([null]));
  });

  it('give no secret of a client that they register, and find nothing of another kind', async () => {
    const id = await begin('client-jobs', {
      operations: [{ op: 'create', body: { redirect_uris: ['https://app.example/callback'] } }],
    });
    await untilOver(`client-jobs/${id}`);
    const [made] = await results(`client-jobs/${id}`);
    expect(made).toEqual({ number: 1, status: 201, id: expect.any(String), problem: null });
    expect((await here.admin('GET', `user-jobs/${id}`)).body.code).toBe('job_not_found');
  });

  it('have the rights of whoever asked, at the moment at which each is run, and nobody else sees them', async () => {
    const scope = 'users:write';
    const service = await registerApp(here, { grant_types: ['client_credentials'], scope });
    const { clientId, clientSecret = '' } = service.registration;
    const helper = makeOperator(here.issuer, { clientId, clientSecret });
    const token = await helper.token([scope]);
    const call = async (method: string, path: string, body?: unknown) => {
      const answer = await fetch(`${here.issuer}/api/admin/v1/${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const parsed: Record<string, unknown> & { items?: { status: number }[] } = JSON.parse(
        await answer.text(),
      );
      return { status: answer.status, body: parsed };
    };
    const operations = [
      { op: 'create', body: { email: address(), roles: ['admin'] } },
      { op: 'create', body: { email: address() } },
    ];
    const made = await call('POST', 'user-jobs', { operations });
    expect(made.status).toBe(202);
    const path = `user-jobs/${String(made.body.id)}`;
    await waitFor('it is over', async () => (await call('GET', path)).body.finished_at !== null);
    const told = (await call('GET', `${path}/results`)).body.items;
    expect(told?.map(({ status }) => status)).toEqual([403, 201]);
    expect((await here.admin('GET', path)).status).toBe(404);
    expect((await here.admin('DELETE', path)).status).toBe(404);
    expect((await here.admin('GET', 'user-jobs')).body.items?.map((job) => job.id)).not.toContain(
      made.body.id,
    );
  });

  it('can be rehearsed: every result is told, and nothing is there', async () => {
    const email = address();
    const id = await begin('user-jobs', { dry_run: true, operations: [{ op: 'create', body: { email } }] });
    await untilOver(`user-jobs/${id}`);
    expect(await results(`user-jobs/${id}`)).toMatchObject([{ status: 201 }]);
    expect((await read(`users?search=${encodeURIComponent(email)}`)).items).toEqual([]);
  });

  it.each([
    ['no operation', { operations: [] }],
    ['more than a thousand', { operations: Array.from({ length: 1001 }, () => ({ op: 'delete', id: 'x' })) }],
    ['one that is none', { operations: [{ op: 'drop', id: 'x' }] }],
    ['one of the other collection', { operations: [{ op: 'rotate', id: 'x' }] }],
    ['an unknown field', { operations: [{ op: 'delete', id: 'x', force: true }] }],
    ['an id with a slash', { operations: [{ op: 'delete', id: '../clients/x' }] }],
    ['a field beside them', { operations: [{ op: 'delete', id: 'x' }], role: 'admin' }],
  ])('are not begun with %s', async (_what, body) => {
    const { status, body: problem } = await here.admin('POST', 'user-jobs', body);
    expect([status, problem.code]).toEqual([400, 'invalid_input']);
  });

  it('are stopped: what was done stays done, the rest is not begun', async () => {
    const operations = Array.from({ length: 1000 }, () => ({ op: 'create', body: { email: address() } }));
    const id = await begin('user-jobs', { operations });
    await waitFor('it has begun', async () => Number((await read(`user-jobs/${id}`)).done) > 0);
    expect((await there.admin('DELETE', `user-jobs/${id}`)).status).toBe(204);
    const { state, done } = await read(`user-jobs/${id}`);
    expect(state).toBe('cancelled');
    const [made] = await readRows(
      url(),
      `select (select count(*)::int from bulk_row where job_id = '${id}' and status = 201) as told,
         (select count(*)::int from account where id in (select object_id from bulk_row where job_id = '${id}')) as there`,
    );
    expect(made).toEqual({ told: done, there: done });
    expect((await here.admin('DELETE', `user-jobs/${id}`)).body.code).toBe('job_over');
  });

  it('go on where they were when the processes are killed, and do nothing twice', async () => {
    const operations = Array.from({ length: 300 }, () => ({ op: 'create', body: { email: address() } }));
    const id = await begin('user-jobs', { operations });
    const path = `user-jobs/${id}`;
    await waitFor('it has begun', async () => Number((await read(path)).done) > 20);
    // Whichever of them it was.
    await Promise.all([here.stop('SIGKILL'), there.stop('SIGKILL')]);
    [here, there] = await Promise.all([here.startAgain(), there.startAgain()]);
    await untilOver(path, there);
    expect(await read(path, there)).toMatchObject({ state: 'done', done: 300, failed: 0 });
    const again = await readRows(
      url(),
      `select count(*)::int as people, count(distinct object_id)::int as told from bulk_row
       join account on account.id = object_id where job_id = '${id}' and bulk_row.status = 201`,
    );
    expect(again).toEqual([{ people: 300, told: 300 }]);
  });
});
