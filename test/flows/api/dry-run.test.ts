import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { prepareCall } from './calls.ts';
import { forPeopleOnly } from './needs-of-rights.ts';
import { isWrite } from './operations.ts';
import { openStage, type Stage, type Where } from './stage.ts';

describe.each<Where>(['PostgreSQL', 'embedded database'])('a dry run, on the %s', (where) => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage(where);
  });
  afterAll(() => stage.dispose());

  it('answers what would have been for every write, and leaves nothing behind', async () => {
    const writes = stage.operations.filter(
      (operation) => isWrite(operation) && !forPeopleOnly.includes(operation.operationId),
    );
    expect(writes.length).toBeGreaterThanOrEqual(17);
    for (const operation of writes) {
      const { path, body } = await prepareCall(stage, operation);
      const { operationId, method, success: status } = operation;
      const before = await stage.dump();
      const answer = await stage.server.admin(
        method,
        `${path}${path.includes('?') ? '&' : '?'}dry_run=true`,
        body,
      );
      expect({ operationId, status: answer.status, body: answer.body }).toMatchObject({
        operationId,
        status,
      });
      expect(Object.fromEntries(answer.headers)).toMatchObject({ 'dry-run': 'true' });
      for (const header of ['location', 'etag']) expect(answer.headers.get(header)).toBeNull();
      expect({ operationId, ...(await stage.dump()) }).toEqual({ operationId, ...before });
      // What was rehearsed can still be done, and is answered with the same fields.
      const done = await stage.server.admin(method, path, body);
      expect({ operationId, status: done.status }).toEqual({ operationId, status });
      expect(done.headers.get('dry-run')).toBeNull();
      expect(Object.keys(answer.body)).toEqual(Object.keys(done.body));
    }
  }, 120_000);

  it('gives out no secret', async () => {
    const client = { redirect_uris: ['https://app.example/callback'] };
    const { body } = await stage.server.admin('POST', 'clients?dry_run=true', client);
    expect(body.client_secret).toBe('(none: this was a dry run)');
    const done = await stage.server.admin('POST', 'clients?dry_run=false', client);
    expect(done.body.client_secret).toMatch(/^[\w-]{43}$/);
  });

  it('refuses what would be refused', async () => {
    const { server } = stage;
    const before = await stage.dump();
    const { status, body } = await server.admin('POST', 'users?dry_run=true', {
      email: server.bootstrap.email,
    });
    expect([status, body.code]).toEqual([409, 'login_name_taken']);
    const { audit_event: audit = [], ...after } = await stage.dump();
    const { audit_event: auditBefore = [], ...rest } = before;
    expect(after).toEqual(rest);
    // That somebody was refused has happened.
    expect(audit).toHaveLength(auditBefore.length + 1);
  });

  it.each(['dry_run=yes', 'dry_run=', 'dry_run=true&dry_run=true', 'dry_run=TRUE'])(
    'is not begun by %s',
    async (query) => {
      const { status, body } = await stage.server.admin('POST', `users?${query}`, { email: 'x@example.org' });
      expect([status, body.code]).toEqual([400, 'invalid_input']);
    },
  );

  it('is for writes only', async () => {
    const { status, body } = await stage.server.admin('GET', 'users?dry_run=true');
    expect([status, body.code]).toEqual([400, 'invalid_input']);
  });
});
