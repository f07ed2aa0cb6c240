import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type AccountTokens, accountScope, signInForApi } from '../flows/people.ts';
import { type Account, addAccount, isConsent, sentBack, signInAndAllow } from '../flows/protocol/app.ts';
import { makePerson, type Person } from '../support/person.ts';
import { waitFor } from '../support/wait-for.ts';
import { type Attacked, startAttacked } from './fixture.ts';

const idle = 4;
const absolute = 9;
const html = { accept: 'text/html' };

describe('attacks on sessions', () => {
  let attacked: Attacked;
  let count = 0;
  beforeAll(async () => {
    attacked = await startAttacked();
  });
  afterAll(() => attacked.dispose());

  const somebody = (): Promise<Account> => {
    count += 1;
    return addAccount(attacked.servers[0], `session-${count}@example.org`);
  };
  const cookieOf = (person: Person): string => person.jar.header(new URL(attacked.issuer)) ?? '';
  const silently = async (person: Person): Promise<Record<string, string>> =>
    sentBack(await person.visit(attacked.apps.c1.begin({ prompt: 'none' }).url));
  /** What both processes say to whoever sends this cookie to a page of the account. */
  const pagesFor = (cookie: string): Promise<number[]> =>
    Promise.all(
      ([0, 1] as const).map(
        async (process) =>
          (await attacked.send('/account/sessions', { process, headers: { ...html, cookie } })).status,
      ),
    );

  it('C01 a session gets another cookie at the sign-in and at each further proof; the old one is nobody, on both processes', async () => {
    const who = await somebody();
    const person = makePerson(attacked.issuer);
    // What an attacker could have put into the browser: a session that nobody has signed in to yet.
    await person.visit('/device');
    const before = cookieOf(person);
    expect(before).toContain('gatehouse_session');
    await signInAndAllow(attacked.apps.c4, person, who);
    const first = cookieOf(person);
    await person.visit(attacked.apps.c1.begin({ prompt: 'login' }).url);
    await person.signIn(who);
    const second = cookieOf(person);
    const sessionIn = (cookies: string) => /gatehouse_session=([^;]+)/.exec(cookies)?.[1];
    expect(new Set([before, first, second].map(sessionIn)).size).toBe(3);
    for (const old of [before, first]) expect(await pagesFor(old)).toEqual([303, 303]);
    expect(await pagesFor(second)).toEqual([200, 200]);
    expect(await silently(person)).toHaveProperty('code');
  });

  describe('C09 everything that somebody had is dead after', () => {
    const events: [string, (who: Account, me: AccountTokens) => Promise<number>][] = [
      [
        'a new password, set by the person, but for the session and the token that set it',
        async (who, me) =>
          (
            await attacked.send('/api/account/v1/password', {
              method: 'POST',
              process: 1,
              headers: { authorization: `Bearer ${me.jwt}`, 'content-type': 'application/json' },
              body: JSON.stringify({ password: who.password, new_password: 'quite another pass phrase' }),
            })
          ).status,
      ],
      [
        'the account was disabled',
        async ({ sub }) =>
          (await attacked.servers[1].admin('PATCH', `users/${sub}`, { status: 'disabled' })).status,
      ],
      [
        'the account was deleted',
        async ({ sub }) => (await attacked.servers[1].admin('DELETE', `users/${sub}`)).status,
      ],
      [
        'an operator has signed them out everywhere',
        async ({ sub }) => (await attacked.servers[1].admin('DELETE', `users/${sub}/sessions`)).status,
      ],
      [
        'the person has ended everything',
        async (_who, me) =>
          (
            await attacked.send('/api/account/v1/sessions?scope=all', {
              method: 'DELETE',
              process: 1,
              headers: { authorization: `Bearer ${me.jwt}` },
            })
          ).status,
      ],
    ];
    it.each(events)('%s', async (_name, event) => {
      const { c1, c2, c4 } = attacked.apps;
      const who = await somebody();
      await attacked.servers[0].admin('PATCH', 'clients/c4', {
        backchannel_logout_uri: 'https://other.example/signed-out',
      });
      const me = await signInForApi(attacked, c1, who);
      const victim = makePerson(attacked.issuer);
      const { body: opaque } = await signInAndAllow(c4, victim, who);
      const jwt = await signInForApi(attacked, c2, who, { person: victim });
      expect([200, 204]).toContain(await event(who, me));

      expect(await pagesFor(cookieOf(victim))).toEqual([303, 303]);
      const { error } = await silently(victim);
      expect(error).toBe('login_required');
      expect((await c2.refresh(jwt.refresh)).body.error).toBe('invalid_grant');
      expect((await c4.refresh(String(opaque.refresh_token))).body.error).toBe('invalid_grant');
      for (const token of [jwt.jwt, String(opaque.access_token)])
        for (const process of [0, 1] as const) {
          const asked = await attacked.send('/oauth2/userinfo', {
            process,
            headers: { authorization: `Bearer ${token}` },
          });
          expect(asked.status).toBe(401);
          const { body } = await attacked.guard.post('introspect', { token });
          expect(body).toEqual({ active: false });
        }
      // One message for each client that wants to know and session; nobody delivers it yet, and nobody counts that as a try.
      expect(
        await attacked.database.rows(
          `select state, attempts, held_until from outbox_message where kind = 'backchannel_logout' and account_id = '${who.sub}'`,
        ),
      ).toEqual([{ state: 'waiting', attempts: 0, held_until: null }]);
    });

    it('a sign-out in the browser: the apps of that session are told, and their tokens are dead', async () => {
      const { c4 } = attacked.apps;
      const who = await somebody();
      const person = makePerson(attacked.issuer);
      const { body } = await signInAndAllow(c4, person, who);
      await person.visit('/oauth2/logout');
      await person.submit({}, { button: 'yes' });
      expect((await c4.refresh(String(body.refresh_token))).body.error).toBe('invalid_grant');
      expect(
        await attacked.database.rows(
          `select state, attempts from outbox_message where kind = 'backchannel_logout' and account_id = '${who.sub}'`,
        ),
      ).toEqual([{ state: 'waiting', attempts: 0 }]);
    });

    it('an app was taken back what it may do, and nothing else', async () => {
      const { c1, c4 } = attacked.apps;
      const who = await somebody();
      const me = await signInForApi(attacked, c1, who);
      const other = makePerson(attacked.issuer);
      const { body } = await signInAndAllow(c4, other, who);
      const answer = await attacked.send('/api/account/v1/grants/c4', {
        method: 'DELETE',
        process: 1,
        headers: { authorization: `Bearer ${me.jwt}` },
      });
      expect(answer.status).toBe(204);
      expect((await c4.refresh(String(body.refresh_token))).body.error).toBe('invalid_grant');
      expect((await attacked.guard.post('introspect', { token: String(body.access_token) })).body).toEqual({
        active: false,
      });
      expect(isConsent(await other.visit(c4.begin().url))).toBe(true);
      expect(await pagesFor(cookieOf(other))).toEqual([200, 200]);
      expect((await c1.refresh(me.refresh)).status).toBe(200);
    });
  });

  describe('the forms of the account pages', () => {
    const forms = [
      '/account/sessions/end-one',
      '/account/sessions/end-others',
      '/account/sessions/end-all',
      '/account/apps/withdraw',
    ];
    it.each(forms)('C03 %s is refused without its token, and from another site', async (path) => {
      const who = await somebody();
      const { person } = await signInForApi(attacked, attacked.apps.c1, who);
      const page = await person.visit(path.includes('apps') ? '/account/apps' : '/account/sessions');
      if (page.kind !== 'page') throw new Error('no page');
      const csrf = /name="csrf" value="([^"]+)"/.exec(page.html)?.[1] ?? '';
      const cookie = cookieOf(person);
      const own = {
        cookie,
        ...html,
        'content-type': 'application/x-www-form-urlencoded',
        origin: attacked.issuer,
      };
      const tries: [Record<string, string>, string][] = [
        [own, ''],
        [own, 'csrf=x'],
        [{ ...own, origin: 'https://evil.example' }, `csrf=${csrf}`],
        [{ ...own, 'sec-fetch-site': 'cross-site' }, `csrf=${csrf}`],
        [{ ...own, 'content-type': 'text/plain' }, `csrf=${csrf}`],
      ];
      for (const [headers, body] of tries)
        expect((await attacked.send(path, { method: 'POST', headers, body })).status).toBe(403);
      expect(await silently(person)).toHaveProperty('code');
    });

    it.each(forms)('C04 %s does nothing when it is opened', async (path) => {
      const { person } = await signInForApi(attacked, attacked.apps.c1, await somebody());
      for (const method of ['GET', 'HEAD'])
        expect((await attacked.send(path, { method, headers: { cookie: cookieOf(person) } })).status).toBe(
          405,
        );
      expect(await silently(person)).toHaveProperty('code');
    });
  });
});

describe('attacks on sessions that are over', () => {
  let attacked: Attacked;
  beforeAll(async () => {
    attacked = await startAttacked({
      both: {
        GATEHOUSE_TTL_SESSION_IDLE: `${idle}s`,
        GATEHOUSE_TTL_SESSION_ABSOLUTE: `${absolute}s`,
      },
    });
  });
  afterAll(() => attacked.dispose());

  const silently = async (person: Person): Promise<Record<string, string>> =>
    sentBack(await person.visit(attacked.apps.c1.begin({ prompt: 'none' }).url));
  const signIn = (who: Account) => signInForApi(attacked, attacked.apps.c1, who, { scope: accountScope });
  const seconds = () => performance.now() / 1000;

  it('C10 a session that was not used ends; the refresh token of an app does not', async () => {
    const who = await addAccount(attacked.servers[0], 'idle@example.org');
    const { person, refresh } = await signIn(who);
    const from = seconds();
    await waitFor('the session is idle for too long', () => seconds() - from > idle + 1);
    expect(await silently(person)).toMatchObject({ error: 'login_required' });
    const page = await person.visit('/account/sessions');
    expect(page.kind === 'page' && page.forms.some(({ fields }) => fields.includes('password'))).toBe(true);
    expect((await attacked.apps.c1.refresh(refresh)).status).toBe(200);
  });

  it('C10 a session that is used on pages of this server lives on, and ends at its absolute limit all the same', async () => {
    const who = await addAccount(attacked.servers[0], 'busy@example.org');
    const from = seconds();
    const { person } = await signIn(who);
    let lasted = 0;
    await waitFor('the session has come to its end', async () => {
      const page = await person.visit('/account/sessions');
      const isOver = page.kind !== 'page' || page.url.pathname !== '/account/sessions';
      if (!isOver) lasted = seconds() - from;
      return isOver;
    });
    expect(lasted).toBeGreaterThan(idle);
    expect(lasted).toBeLessThan(absolute + 1);
    expect(await silently(person)).toMatchObject({ error: 'login_required' });
  });
});
