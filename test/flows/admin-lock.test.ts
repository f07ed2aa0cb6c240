import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setNewPassword } from '../support/new-password.ts';
import { makePerson } from '../support/person.ts';
import { type AdminServer, startAdminServer } from './admin-fixture.ts';
import { type Account, type App, addAccount, registerApp } from './protocol/app.ts';

describe('what failed sign-ins have done to a user, in the admin API', () => {
  let server: AdminServer;
  let app: App;
  beforeAll(async () => {
    server = await startAdminServer();
    app = await registerApp(server, { skip_consent: true });
  });
  afterAll(() => server.dispose());

  async function fail({ username }: Account, times: number): Promise<void> {
    for (let count = 0; count < times; count += 1) {
      const person = makePerson(server.issuer);
      await person.visit(app.begin().url);
      await person.signIn({ username, password: 'wrong' });
    }
  }
  const lockOf = async ({ sub }: Account) => (await server.admin('GET', `users/${sub}/lock`)).body;

  it('is nothing for a user with whom nobody has failed', async () => {
    const who = await addAccount(server, 'quiet@example.org');
    await expect(lockOf(who)).resolves.toEqual({
      failures: 0,
      refused: 0,
      locked_until: null,
      closed: false,
    });
  });

  it('is seen, and ended by an operator, who is in the audit log with it', async () => {
    const who = await addAccount(server, 'guessed@example.org');
    await fail(who, 8);
    await expect(lockOf(who)).resolves.toMatchObject({
      failures: expect.any(Number),
      locked_until: expect.any(Number),
      closed: false,
    });
    const answer = await server.admin('POST', `users/${who.sub}/unlock`);
    expect(answer.status).toBe(204);
    await expect(server.auditOf(answer.headers)).resolves.toMatchObject([
      { type: 'user.unlocked', account_id: who.sub, actor_id: 'test-operator' },
    ]);
    await expect(lockOf(who)).resolves.toMatchObject({ failures: 0, locked_until: null });
    expect((await app.signIn(makePerson(server.issuer), who)).status).toBe(200);
  });

  it('ends with a new password', async () => {
    const who = await addAccount(server, 'renewed@example.org');
    await fail(who, 6);
    const password = 'seven otters paint blue doors';
    await setNewPassword(server, who, password);
    expect((await app.signIn(makePerson(server.issuer), { ...who, password })).status).toBe(200);
  });

  it('is for those who may write users, and an administrator is for those who give out roles', async () => {
    const who = await addAccount(server, 'someone@example.org');
    const boss = await addAccount(server, 'boss@example.org', { roles: ['admin'] });
    const as = async (scope: string) => ({ authorization: `Bearer ${await server.adminToken([scope])}` });
    const unlock = (sub: string, headers: Record<string, string>) =>
      server.admin('POST', `users/${sub}/unlock`, undefined, headers);
    await expect(unlock(who.sub, await as('users:read'))).resolves.toMatchObject({ status: 403 });
    await expect(unlock(who.sub, await as('users:write'))).resolves.toMatchObject({ status: 204 });
    await expect(unlock(boss.sub, await as('users:write'))).resolves.toMatchObject({ status: 403 });
    await expect(unlock('nobody', {})).resolves.toMatchObject({
      status: 404,
      body: { code: 'user_not_found' },
    });
  });
});
