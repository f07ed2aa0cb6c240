import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTwo } from '../process/changes.ts';
import type { RunningGatehouse } from '../support/gatehouse.ts';
import { makePerson } from '../support/person.ts';
import { type Account, type App, addAccount, registerApp } from './protocol/app.ts';

/** Two servers on one database: people are at one of them, the operator at the other. */
describe('how users stand, in the admin API', () => {
  let here: RunningGatehouse;
  let there: RunningGatehouse;
  let app: App;
  let count = 0;
  beforeAll(async () => {
    [here, there] = await startTwo({ GATEHOUSE_JANITOR_INTERVAL: '1s' });
    app = await registerApp(here, { skip_consent: true });
  });
  afterAll(async () => {
    await there.dispose();
    await here.dispose();
  });

  const somebody = (changes: Record<string, unknown> = {}) => {
    count += 1;
    return addAccount(here, `standing-${count}@example.org`, changes);
  };
  const signIn = async (who: Account): Promise<string> =>
    String((await app.signIn(makePerson(here.issuer), who)).body.access_token);
  const letsIn = async (who: Account): Promise<boolean> => {
    const person = makePerson(here.issuer);
    await person.visit(app.begin().url);
    return (await person.signIn(who)).kind === 'elsewhere';
  };
  const works = async (token: string) => (await app.userinfo(token)).status === 200;
  const ask = (method: string, { sub }: Account, below: string, body?: unknown) =>
    there.admin(method, `users/${sub}/${below}`, body);
  const seconds = () => Math.floor(Date.now() / 1000);

  it('is told with when they signed in last, and by what', async () => {
    const who = await somebody();
    const before = seconds();
    await signIn(who);
    const { body } = await ask('GET', who, 'standing');
    expect(body).toEqual({
      disabled_at: null,
      disabled_reason: null,
      last_sign_in_at: expect.any(Number),
      deletion_due_at: null,
      has_picture: false,
      terms: [],
    });
    expect(Number(body.last_sign_in_at)).toBeGreaterThanOrEqual(before);
    const factors = await ask('GET', who, 'factors');
    expect(factors.body).toEqual({
      items: [
        {
          id: 'password',
          type: 'password',
          created_at: expect.any(Number),
          changed_at: expect.any(Number),
          last_used_at: body.last_sign_in_at,
          temporary_until: null,
          must_reset: false,
        },
      ],
      next: null,
    });
    const temporary = await somebody({ password_temporary: true });
    const [factor] = (await ask('GET', temporary, 'factors')).body.items ?? [];
    expect(Number(factor?.temporary_until)).toBeGreaterThan(seconds());
  });

  it('changes with a reason: sessions and tokens are dead at once, and nobody gets in until it is taken back', async () => {
    const who = await somebody();
    const token = await signIn(who);
    const disabled = await ask('POST', who, 'disable', { reason: 'Left the company' });
    expect(disabled).toMatchObject({ status: 200, body: { sub: who.sub, status: 'disabled' } });
    expect(await works(token)).toBe(false);
    expect(await letsIn(who)).toBe(false);
    await expect(ask('GET', who, 'standing')).resolves.toMatchObject({
      body: { disabled_reason: 'Left the company', disabled_at: expect.any(Number) },
    });
    const enabled = await ask('POST', who, 'enable');
    expect(enabled.body.status).toBe('active');
    expect(await letsIn(who)).toBe(true);
    await expect(ask('GET', who, 'standing')).resolves.toMatchObject({
      body: { disabled_reason: null, disabled_at: null },
    });
  });

  it('changes only in the version that was read, if the caller says so', async () => {
    const who = await somebody();
    const read = await there.admin('GET', `users/${who.sub}`);
    const etag = { 'if-match': read.headers.get('etag') ?? '' };
    await ask('POST', who, 'disable', {});
    const stale = await there.admin('POST', `users/${who.sub}/enable`, undefined, etag);
    expect(stale).toMatchObject({ status: 412, body: { code: 'precondition_failed' } });
  });

  it('is over after the grace, unless it is taken back', async () => {
    const [gone, stays] = [await somebody(), await somebody()];
    for (const who of [gone, stays]) {
      const answer = await ask('POST', who, 'schedule-deletion', { delete_in: 60 });
      expect(answer).toMatchObject({ status: 200, body: { status: 'disabled' } });
      const { body } = await ask('GET', who, 'standing');
      expect(Math.abs(Number(body.deletion_due_at) - seconds() - 60)).toBeLessThan(10);
    }
    await ask('POST', stays, 'enable');
    await expect(ask('GET', stays, 'standing')).resolves.toMatchObject({ body: { deletion_due_at: null } });
    expect(await letsIn(stays)).toBe(true);
    expect(await letsIn(gone)).toBe(false);
  });

  it('leaves a user without a password that is taken away, and without sessions', async () => {
    const who = await somebody();
    const token = await signIn(who);
    expect((await ask('DELETE', who, 'factors/password')).status).toBe(204);
    expect(await works(token)).toBe(false);
    expect(await letsIn(who)).toBe(false);
    await expect(ask('GET', who, 'factors')).resolves.toMatchObject({ body: { items: [] } });
    await expect(ask('DELETE', who, 'factors/password')).resolves.toMatchObject({
      status: 404,
      body: { code: 'not_found' },
    });
  });

  it('of the last administrator cannot be changed, nor that of any by who may not give out roles', async () => {
    const [boss] = (await there.admin('GET', `users?email=${here.bootstrap.email}`)).body.items ?? [];
    const root = { sub: String(boss?.sub), username: '', password: '' };
    await expect(ask('POST', root, 'disable', {})).resolves.toMatchObject({
      status: 409,
      body: { code: 'last_administrator' },
    });
    const weak = { authorization: `Bearer ${await there.adminToken(['users:write'])}` };
    for (const [method, below, body] of [
      ['POST', 'disable', {}],
      ['POST', 'enable', undefined],
      ['POST', 'schedule-deletion', { delete_in: 60 }],
      ['DELETE', 'factors/password', undefined],
      ['DELETE', 'picture', undefined],
    ] as const)
      await expect(there.admin(method, `users/${root.sub}/${below}`, body, weak)).resolves.toMatchObject({
        status: 403,
      });
  });

  it('is nothing of somebody who is not there', async () => {
    for (const [method, below, body] of [
      ['GET', 'standing', undefined],
      ['GET', 'factors', undefined],
      ['POST', 'disable', {}],
      ['POST', 'enable', undefined],
      ['POST', 'schedule-deletion', { delete_in: 60 }],
      ['DELETE', 'factors/password', undefined],
      ['DELETE', 'picture', undefined],
    ] as const)
      await expect(there.admin(method, `users/nobody/${below}`, body)).resolves.toMatchObject({
        status: 404,
        body: { code: 'user_not_found' },
      });
  });
});
