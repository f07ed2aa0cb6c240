import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type RunningGatehouse, startGatehouse } from '../support/gatehouse.ts';
import { readLinks, readRefresh } from '../support/html.ts';
import { exchange } from '../support/http.ts';
import { makePerson, type Page, type Person } from '../support/person.ts';
import type { RelyingParty } from '../support/relying-party.ts';
import { aClient, aPerson, asPage, atClient, claimsOf } from './house.ts';

describe('signing in', () => {
  let server: RunningGatehouse;
  let shop: RelyingParty & { clientId: string };
  let ada: { username: string; password: string };
  let bob: { username: string; password: string };

  beforeAll(async () => {
    server = await startGatehouse({ issuerPath: '/auth', database: 'postgres' });
    shop = await aClient(server, { skip_consent: true, client_uri: 'https://app.example/home' });
    ada = await aPerson(server, 'ada@example.org', { name: 'Ada' });
    bob = await aPerson(server, 'bob@example.org');
  });
  afterAll(() => server.dispose());

  /** Somebody before the sign-in page of the shop. */
  const begin = async (extra: Record<string, string> = {}) => {
    const person = makePerson(server.issuer);
    const attempt = shop.begin(extra);
    return { person, attempt, page: asPage(await person.visit(attempt.url)) };
  };

  /** Sends a form once, without following where it leads. */
  const post = (
    person: Person,
    page: Page,
    fields: Record<string, string>,
    headers: Record<string, string> = {},
  ) => {
    const [form] = page.forms;
    const url = new URL(form?.action ?? '', page.url);
    return exchange(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        cookie: person.jar.header(url) ?? '',
        ...headers,
      },
      body: new URLSearchParams({ ...form?.values, ...fields }).toString(),
    });
  };

  it('happens on a page that says which app asks, and ends at that app with a code', async () => {
    const { person, attempt, page } = await begin();
    expect(page).toMatchObject({ status: 200, text: expect.stringContaining('to go on to The Shop') });
    expect(page.url.pathname).toMatch(/^\/auth\/interaction\/[\w-]+$/);
    const answer = await person.signIn(ada);
    expect(atClient(answer)).toMatchObject({
      code: expect.any(String),
      state: attempt.state,
      iss: server.issuer,
    });
    const { body } = await shop.redeem(attempt, answer);
    expect(claimsOf(body.id_token)).toMatchObject({ nonce: attempt.nonce });
  });

  it('is refused alike for a wrong password and an unknown name; the name is kept, the password is not', async () => {
    const refusals = [];
    for (const username of [ada.username, 'nobody@example.org']) {
      const { person } = await begin();
      const page = asPage(await person.signIn({ username, password: 'wrong-password' }));
      expect(page.status).toBe(422);
      expect(page.html).toContain(`value="${username}"`);
      expect(page.html).not.toContain('wrong-password');
      refusals.push(page.text.replaceAll(username, ''));
    }
    expect(refusals[0]).toContain('Wrong user name or password.');
    expect(refusals[0]).toBe(refusals[1]);
  });

  it('works after a wrong password, on the same page', async () => {
    const { person } = await begin();
    await person.signIn({ ...ada, password: 'wrong' });
    expect(atClient(await person.signIn(ada))).toHaveProperty('code');
  });

  it.each([
    ['nothing at all', '', ''],
    ['no password', 'ada@example.org', ''],
    ['no name', '', 'x'],
    ['an endless name', 'a'.repeat(1000), 'x'],
    ['SQL as the name', "ada@example.org' or 1=1 --", 'x'],
  ])('is refused with %s', async (_what, username, password) => {
    const { person } = await begin();
    expect(asPage(await person.signIn({ username, password }))).toMatchObject({ status: 422 });
  });

  it('begins with the name that the app knows, whatever is in it', async () => {
    const hint = '"><script>alert(1)</script>';
    const { page } = await begin({ login_hint: hint, ui_locales: hint, state: hint });
    expect(page.forms[0]?.values.username).toBe(hint);
    expect(page.html).not.toContain('<script>');
  });

  it('can be cancelled, which tells the app', async () => {
    const { person, attempt } = await begin();
    const answer = atClient(await person.submit({}, { action: '/cancel' }));
    expect(answer).toMatchObject({ error: 'access_denied', state: attempt.state, iss: server.issuer });
    expect(answer).not.toHaveProperty('code');
  });

  it('is asked for once more with prompt=login, and begins with who is signed in', async () => {
    const { person } = await begin();
    await person.signIn(ada);
    const attempt = shop.begin({ prompt: 'login' });
    const page = asPage(await person.visit(attempt.url));
    expect(page.text).toContain('really you');
    expect(page.forms[0]?.values.username).toBe(ada.username);
    expect(atClient(await person.signIn(ada))).toHaveProperty('code');
  });

  it('as somebody else ends the session of who was signed in before', async () => {
    const { person } = await begin();
    await person.signIn(ada);
    const attempt = shop.begin({ prompt: 'login' });
    await person.visit(attempt.url);
    const handOver = asPage(await person.signIn(bob));
    expect(handOver.forms[0]?.action).toContain('/oauth2/logout/confirm');
    const answer = await person.submit({}, { action: 'logout/confirm' });
    const { body } = await shop.redeem(attempt, answer);
    await expect(shop.userinfo(body.access_token ?? '')).resolves.toMatchObject({
      body: { email: bob.username },
    });
  });

  describe('opened in another browser', () => {
    it('shows 400 and where to start again, and never a code', async () => {
      const { page } = await begin();
      const thief = makePerson(server.issuer);
      const seen = asPage(await thief.visit(page.url));
      expect(seen).toMatchObject({ status: 400, text: expect.stringContaining('Please start again') });
      expect(readLinks(seen.html)).toContainEqual({
        href: 'https://app.example/home',
        text: 'Start again at The Shop',
      });
    });

    it('takes no form either, not even with tokens of that browser', async () => {
      const { page } = await begin();
      const thief = await begin();
      const response = await post(thief.person, { ...thief.page, forms: page.forms, url: page.url }, ada);
      expect(response.status).toBe(400);
      expect(readRefresh(response.text)).toBeUndefined();
    });
  });

  describe('that took too long', () => {
    it.each(['', '/login', '/consent', '/cancel'])(
      'offers to start again where the person came from (%s)',
      async (step) => {
        const url = `${server.issuer}/interaction/long-forgotten${step}?client_id=${shop.clientId}`;
        const seen = asPage(await makePerson(server.issuer).visit(url));
        expect(seen.status).toBe(400);
        expect(readLinks(seen.html).map(({ href }) => href)).toContain('https://app.example/home');
      },
    );

    it('leads to the account page when it is not known where that was', async () => {
      const hints = ['', '?client_id=nobody', '?client_id=a&client_id=b', '?client_id=%ff'];
      for (const hint of hints) {
        const seen = asPage(
          await makePerson(server.issuer).visit(`${server.issuer}/interaction/gone${hint}`),
        );
        expect(seen.status).toBe(400);
        expect(readLinks(seen.html).map(({ href }) => href)).toContain(`${server.issuer}/account`);
      }
    });
  });

  describe('twice', () => {
    it('from a page of the history leads to the end of the first, without asking again', async () => {
      const { person, page } = await begin();
      const first = await post(person, page, ada);
      const second = await post(person, page, { username: 'x', password: 'x' });
      expect(first.status).toBe(200);
      expect(second.status).toBe(200);
      expect(readRefresh(second.text)).toBe(readRefresh(first.text));
      const back = await exchange(page.url, { headers: { cookie: person.jar.header(page.url) ?? '' } });
      expect(readRefresh(back.text)).toBe(readRefresh(first.text));
    });

    it('after it has ended shows that it is over, and what began then begins nothing', async () => {
      const { person, page } = await begin();
      await person.signIn(ada);
      const response = await post(person, page, ada);
      expect(response.status).toBe(400);
      expect(readRefresh(response.text)).toBeUndefined();
    });
  });

  describe('by a form that is not ours', () => {
    it.each([
      ['has no token', { csrf: '' }, {}],
      ['has a made-up token', { csrf: 'AAAA' }, {}],
      ['comes from another site', {}, { 'sec-fetch-site': 'cross-site' }],
      ['comes from another origin', {}, { origin: 'https://evil.example' }],
      ['comes from nowhere', {}, { origin: 'null' }],
      ['comes as text', {}, { 'content-type': 'text/plain' }],
    ])('is refused with 403 when the form %s', async (_why, fields, headers) => {
      const { person, page } = await begin();
      const response = await post(person, page, { ...ada, ...fields }, headers);
      expect(response.status).toBe(403);
      expect(readRefresh(response.text)).toBeUndefined();
      expect(atClient(await person.signIn(ada))).toHaveProperty('code');
    });

    it('is refused when the token is that of another sign-in of the same browser', async () => {
      const { person, page } = await begin();
      const other = asPage(await person.visit(shop.begin().url));
      const response = await post(person, page, { ...ada, csrf: other.forms[0]?.values.csrf ?? '' });
      expect(response.status).toBe(403);
    });
  });

  it('never happens by opening an address', async () => {
    const { person, page } = await begin();
    for (const step of ['/login', '/consent', '/cancel']) {
      const url = new URL(`${page.url.pathname}${step}`, page.url);
      url.search = new URLSearchParams({ ...ada, decision: 'allow' }).toString();
      expect(asPage(await person.visit(url))).toMatchObject({
        status: 200,
        text: expect.stringContaining('Sign in'),
      });
    }
    expect(asPage(await person.visit(shop.begin().url)).text).toContain('Sign in');
  });
});
