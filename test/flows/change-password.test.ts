import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type RunningGatehouse, startGatehouse } from '../support/gatehouse.ts';
import { exchange } from '../support/http.ts';
import { mailTo } from '../support/mailbox.ts';
import { makePerson, type Person } from '../support/person.ts';
import { query } from '../support/postgres-cluster.ts';
import { type Account, type App, addAccount, registerApp, shown } from './protocol/app.ts';

function databaseOf({ database }: RunningGatehouse): string {
  if (database === 'embedded') throw new Error('this looks into the database');
  return database.superuserUrl;
}

const fresh = 'seven otters paint blue doors';

describe('changing one’s own password', () => {
  let server: RunningGatehouse;
  let app: App;
  let count = 0;
  beforeAll(async () => {
    server = await startGatehouse({ database: 'postgres' });
    app = await registerApp(server, { skip_consent: true });
  });
  afterAll(() => server.dispose());

  const newPerson = (): Promise<Account> => addAccount(server, `change-${count++}@example.org`);
  /** On the page, signed in from it. */
  const openPage = async (who: Account, person = makePerson(server.issuer)): Promise<Person> => {
    await person.visit('/account/security');
    if (
      person
        .page()
        .forms.some(({ fields }) => fields.includes('username') && !fields.includes('new_password'))
    )
      await person.signIn(who);
    return person;
  };
  const change = async (person: Person, password: string, newPassword: string) =>
    shown(await person.submit({ password, new_password: newPassword }));
  const signIn = async (who: Account, password: string) => {
    const person = makePerson(server.issuer);
    return (await app.signIn(person, { ...who, password }).catch(() => undefined)) !== undefined;
  };
  const isSignedIn = async (person: Person): Promise<boolean> => {
    const seen = await person.visit(app.begin({ prompt: 'none' }).url);
    return seen.kind === 'elsewhere' && seen.url.searchParams.has('code');
  };

  it('takes the present password, ends everything else, and goes on here under a new session id', async () => {
    const who = await newPerson();
    const elsewhere = makePerson(server.issuer);
    const tokens = await app.signIn(elsewhere, who);
    const person = await openPage(who);
    const own = await app.signIn(person, who);
    const sessionOf = ({ jar }: Person) =>
      /gatehouse_session=([^;]+)/.exec(jar.header(new URL(server.issuer)) ?? '')?.[1];
    await openPage(who, person);
    const before = sessionOf(person);
    const cookies = person.jar.header(new URL(server.issuer));
    expect(shown(await person.visit('/account/profile')).status).toBe(200);
    await openPage(who, person);
    const done = await change(person, who.password, fresh);
    expect([done.status, done.text]).toEqual([200, expect.stringContaining('Your password is changed')]);
    expect(sessionOf(person)).not.toBe(before);
    await expect(isSignedIn(person)).resolves.toBe(true);
    await expect(isSignedIn(elsewhere)).resolves.toBe(false);
    for (const { body } of [tokens, own]) {
      expect((await app.refresh(String(body.refresh_token))).body.error).toBe('invalid_grant');
      expect((await app.userinfo(String(body.access_token))).status).toBe(401);
    }
    await expect(signIn(who, who.password)).resolves.toBe(false);
    await expect(signIn(who, fresh)).resolves.toBe(true);
    await expect(mailTo(server.issuer, who.username, 'was changed')).resolves.toBeDefined();
    // The old id of the session is worth nothing to whoever has seen it.
    const asThief = () =>
      exchange(`${server.issuer}/account/profile`, { headers: { cookie: cookies ?? '' } });
    expect((await asThief()).headers.location).toContain('/oauth2/authorize');
  });

  it('is not done with a wrong present password, which counts as a failed sign-in', async () => {
    const who = await newPerson();
    const person = await openPage(who);
    const refused = await change(person, 'not my password', fresh);
    expect([refused.status, refused.text]).toEqual([
      422,
      expect.stringContaining('not your present password'),
    ]);
    for (let guess = 0; guess < 8; guess += 1) await change(person, `wrong ${guess}`, fresh);
    const locked = await change(person, who.password, fresh);
    expect([locked.status, locked.text]).toEqual([429, expect.stringContaining('Too many wrong passwords')]);
    expect(Number(locked.headers['retry-after'])).toBeGreaterThan(0);
  });

  it.each([
    ['too short', 'short', 'at least 15 characters'],
    ['common', 'password1234567', 'common password'],
    ['the present one', 'correct horse battery staple', 'This is the present password'],
    ['made of the name', 'PersonOfTheTest12', 'known to others'],
  ])('refuses a new one that is %s, and says why', async (_what, password, reason) => {
    const who = await newPerson();
    const person = await openPage(who);
    const refused = await change(person, who.password, password);
    expect([refused.status, refused.text]).toEqual([422, expect.stringContaining(reason)]);
    await expect(signIn(who, who.password)).resolves.toBe(true);
  });

  it('is done through the account API by who has signed in recently', async () => {
    const who = await newPerson();
    const resource = `${server.issuer}/api/account`;
    const person = makePerson(server.issuer);
    const attempt = app.begin({ scope: 'openid account:read account:security', resource });
    await person.visit(attempt.url);
    const { body } = await app.redeem(attempt, await person.signIn(who));
    const call = (method: string, path: string, sent?: object) =>
      fetch(`${resource}/v1/${path}`, {
        method,
        headers: { authorization: `Bearer ${body.access_token}`, 'content-type': 'application/json' },
        ...(sent === undefined ? {} : { body: JSON.stringify(sent) }),
      });
    const wrong = await call('POST', 'password', { password: 'wrong', new_password: fresh });
    expect(wrong.status).toBe(400);
    expect(await wrong.json()).toMatchObject({ code: 'invalid_input', errors: [{ field: 'password' }] });
    const weak = await call('POST', 'password', { password: who.password, new_password: 'dragon' });
    expect(await weak.json()).toMatchObject({ errors: [{ field: 'new_password' }] });
    const done = await call('POST', 'password', { password: who.password, new_password: fresh });
    expect(done.status).toBe(204);
    expect((await call('GET', 'profile')).status).toBe(200);
    expect((await app.refresh(String(body.refresh_token))).body.error).toBe('invalid_grant');
    await expect(isSignedIn(person)).resolves.toBe(false);
    await expect(signIn(who, fresh)).resolves.toBe(true);
  });

  it('tells who has no password here that there is none', async () => {
    const who = await newPerson();
    const person = await openPage(who);
    expect(person.page().text).toContain('Present password');
    await query(databaseOf(server), `delete from password_credential where account_id = '${who.sub}'`);
    expect(shown(await person.visit('/account/security')).text).toContain('has no password here');
  });
});

describe('a password that an operator has set', () => {
  let server: RunningGatehouse;
  let app: App;
  beforeAll(async () => {
    server = await startGatehouse({
      database: 'postgres',
      env: { GATEHOUSE_INITIAL_PASSWORDS: 'temporary', GATEHOUSE_TTL_INITIAL_PASSWORD: '1m' },
    });
    app = await registerApp(server, { skip_consent: true });
  });
  afterAll(() => server.dispose());

  it('signs nobody in, but lets its owner choose another one, and then go on to the app', async () => {
    const who = await addAccount(server, 'initial@example.org');
    const person = makePerson(server.issuer);
    const attempt = app.begin();
    await person.visit(attempt.url);
    const page = shown(await person.signIn(who));
    expect([page.url.pathname, page.text]).toEqual([
      '/reset-password',
      expect.stringContaining('chosen by somebody else'),
    ]);
    const done = shown(await person.submit({ new_password: fresh }));
    expect(done.text).toContain('Your password is set');
    const onward = /href="([^"]*\/interaction\/[^"]*)"/.exec(done.html)?.[1]?.replaceAll('&amp;', '&') ?? '';
    await person.visit(onward);
    const back = await person.signIn({ ...who, password: fresh });
    await expect(app.redeem(attempt, back)).resolves.toMatchObject({ status: 200 });
  });

  it('works no more when its time is over, and looks like any wrong one', async () => {
    const who = await addAccount(server, 'too-late@example.org');
    await query(
      databaseOf(server),
      `update password_credential set temporary_until = now() - interval '1 second' where account_id = '${who.sub}'`,
    );
    const person = makePerson(server.issuer);
    await person.visit(app.begin().url);
    expect(shown(await person.signIn(who)).text).toContain('Wrong user name or password');
  });

  it('may be kept where the operator says so', async () => {
    const who = await addAccount(server, 'kept@example.org', { password_temporary: false });
    await expect(app.signIn(makePerson(server.issuer), who)).resolves.toMatchObject({ status: 200 });
  });
});
