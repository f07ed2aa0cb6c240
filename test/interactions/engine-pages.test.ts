import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type RunningGatehouse, startGatehouse } from '../support/gatehouse.ts';
import { readLinks } from '../support/html.ts';
import { exchange } from '../support/http.ts';
import { makePerson } from '../support/person.ts';
import { waitFor } from '../support/wait-for.ts';
import { aClient, aPerson, asPage, atClient, callback } from './house.ts';

const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code';
const afterLogout = 'https://app.example/bye';

describe('the pages that the engine asks for', () => {
  let server: RunningGatehouse;
  let shop: Awaited<ReturnType<typeof aClient>>;
  let ada: { username: string; password: string };

  beforeAll(async () => {
    server = await startGatehouse({ database: 'postgres', issuerPath: '/auth' });
    shop = await aClient(server, {
      skip_consent: true,
      client_uri: 'https://app.example/',
      post_logout_redirect_uris: [afterLogout],
    });
    ada = await aPerson(server, 'ada@example.org');
  });
  afterAll(() => server.dispose());

  /** Somebody who is signed in at the shop, and the ID token that the shop has. */
  const signedIn = async () => {
    const person = makePerson(server.issuer);
    const { body } = await shop.signIn(person, ada);
    return { person, idToken: body.id_token ?? '' };
  };
  const logout = (parameters: Record<string, string> = {}) =>
    `${server.issuer}/oauth2/logout?${new URLSearchParams(parameters).toString()}`;
  const isSignedIn = async (person: ReturnType<typeof makePerson>) =>
    (await person.visit(shop.begin({ prompt: 'none' }).url)).url.searchParams.has('code');

  describe('signing out', () => {
    it('is asked about first, and ends the session', async () => {
      const { person } = await signedIn();
      const page = asPage(await person.visit(logout()));
      expect(page).toMatchObject({ status: 200, text: expect.stringContaining('Sign out?') });
      expect(readLinks(page.html)).toContainEqual({ href: '/auth/account', text: 'Stay signed in' });
      await expect(isSignedIn(person)).resolves.toBe(true);

      await person.visit(logout());
      const end = asPage(await person.submit({}, { button: 'yes' }));
      expect(end.text).toContain('You are signed out');
      await expect(isSignedIn(person)).resolves.toBe(false);
    });

    it('leads back to the app that asked for it', async () => {
      const { person, idToken } = await signedIn();
      const request = { id_token_hint: idToken, post_logout_redirect_uri: afterLogout, state: 'abc' };
      const page = asPage(await person.visit(logout(request)));
      expect(page.text).toContain('The Shop asks whether you want to sign out here too');
      const end = await person.submit({}, { button: 'yes' });
      expect(end).toMatchObject({ kind: 'elsewhere', url: new URL(`${afterLogout}?state=abc`) });
      await expect(isSignedIn(person)).resolves.toBe(false);
    });

    it('refused tells the app too, and keeps the session', async () => {
      const { person, idToken } = await signedIn();
      await person.visit(logout({ id_token_hint: idToken, post_logout_redirect_uri: afterLogout }));
      const end = await person.submit({}, { action: 'confirm' });
      expect(end.url.href).toBe(afterLogout);
      await expect(isSignedIn(person)).resolves.toBe(true);
    });

    it('without a session goes on by itself, or by a button', async () => {
      const { idToken } = await signedIn();
      const stranger = makePerson(server.issuer);
      await stranger.visit(logout({ id_token_hint: idToken, post_logout_redirect_uri: afterLogout }));
      expect((await stranger.submit({}, { action: 'confirm' })).url.href).toBe(afterLogout);
    });

    it.each([
      ['without its token', { xsrf: '' }, {}],
      ['from another site', {}, { 'sec-fetch-site': 'cross-site' }],
      ['from another origin', {}, { origin: 'https://evil.example' }],
    ])('does not happen by a form %s', async (_how, fields, headers) => {
      const { person } = await signedIn();
      const { forms, url } = asPage(await person.visit(logout()));
      const target = new URL(forms[0]?.action ?? '', url);
      const response = await exchange(target, {
        method: 'POST',
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          accept: 'text/html',
          cookie: person.jar.header(target) ?? '',
          ...headers,
        },
        body: new URLSearchParams({ ...forms[0]?.values, logout: 'yes', ...fields }).toString(),
      });
      expect(response.status).toBe(403);
      expect(response.text).toContain('Please load the page again');
      await expect(isSignedIn(person)).resolves.toBe(true);
    });
  });

  describe('an error', () => {
    it.each([
      ['an unknown redirect URI', { redirect_uri: `${callback}/..` }, 'invalid_redirect_uri'],
      ['no redirect URI', { redirect_uri: '' }, 'invalid_request'],
      ['an unknown client', { client_id: '"><script>alert(1)</script>' }, 'invalid_client'],
    ])('for %s is a page that leads nowhere', async (_why, extra, code) => {
      const page = asPage(await makePerson(server.issuer).visit(shop.begin(extra).url));
      expect(page.status).toBe(400);
      expect(page.headers.location).toBeUndefined();
      expect(page.headers['cache-control']).toBe('no-store');
      expect(page.text).toContain('The app sent a request that is not valid');
      expect(page.text).toContain(code);
      expect(page.html).not.toContain('<script>');
      const id = /id="error-id">([^<]+)</.exec(page.html)?.[1] ?? '';
      await waitFor('the id stood in the log', () => server.output().includes(id));
    });

    it('of the app does not hide behind ours: it goes back to the app', async () => {
      const answer = atClient(
        await makePerson(server.issuer).visit(shop.begin({ code_challenge_method: 'plain' }).url),
      );
      expect(answer).toMatchObject({ error: 'invalid_request', iss: server.issuer });
    });

    it('at the end of a sign-in that is over offers to start again', async () => {
      const url = `${server.issuer}/oauth2/authorize/long-forgotten`;
      const page = asPage(await makePerson(server.issuer).visit(url));
      expect(page).toMatchObject({ status: 400, text: expect.stringContaining('Please start again') });
    });
  });

  describe('an answer by form_post', () => {
    it('may be sent to the callback, by the script of the engine and no other', async () => {
      const { person } = await signedIn();
      const page = asPage(await person.visit(shop.begin({ response_mode: 'form_post' }).url));
      const policy = String(page.headers['content-security-policy']);
      expect(policy).toMatch(/form-action 'self' https:\/\/app\.example https:(;|$)/);
      expect(policy).toMatch(/script-src 'self' 'sha256-[\w+/=]+'(;|$)/);
      expect(policy).not.toContain('unsafe-inline');
      expect(page.forms).toMatchObject([{ action: callback, values: { code: expect.any(String) } }]);
    });

    it('shows what came from the app as text', async () => {
      const { person } = await signedIn();
      const state = '"><script>alert(1)</script>';
      const page = asPage(await person.visit(shop.begin({ response_mode: 'form_post', state }).url));
      expect(page.html).not.toContain('<script>alert');
      expect(page.forms[0]?.values.state).toBe(state);
    });
  });

  describe('a device', () => {
    const aDevice = async () => {
      const tv = await aClient(server, {
        client_name: 'The TV',
        grant_types: [deviceGrant],
        redirect_uris: [],
        response_types: [],
      });
      const { body } = await tv.post('device_authorization', { scope: 'openid email' });
      const poll = () => tv.post('token', { grant_type: deviceGrant, device_code: String(body.device_code) });
      return { userCode: String(body.user_code), page: String(body.verification_uri), poll };
    };

    it('is connected after its code was typed in, confirmed, and the person signed in and agreed', async () => {
      const device = await aDevice();
      expect(device.page).toBe(`${server.issuer}/device`);
      const person = makePerson(server.issuer);
      await person.visit(device.page);
      const confirm = asPage(await person.submit({ user_code: device.userCode.toLowerCase() }));
      expect(confirm.text).toContain('The TV on another device wants to use your account');
      expect(confirm.text).toContain(device.userCode);
      await person.submit({ user_code: device.userCode });
      expect(asPage(await person.signIn(ada)).text).toContain('The TV would like to');
      const done = asPage(await person.submit({}, { button: 'allow' }));
      expect(done.text).toContain('Your device is connected');
      await expect(device.poll()).resolves.toMatchObject({
        status: 200,
        body: { access_token: expect.any(String) },
      });
    });

    it('is refused when the person says that it is not theirs', async () => {
      const device = await aDevice();
      const person = makePerson(server.issuer);
      await person.visit(device.page);
      await person.submit({ user_code: device.userCode });
      await person.submit({}, { button: 'No, refuse' });
      await expect(device.poll()).resolves.toMatchObject({ body: { error: 'access_denied' } });
    });

    it('is not found by a wrong code, and the page says so', async () => {
      const person = makePerson(server.issuer);
      await person.visit(`${server.issuer}/device`);
      for (const code of ['AAAA-AAAA', '', '"><script>']) {
        const page = asPage(await person.submit({ user_code: code }));
        expect(page.text).toContain('This code did not work');
        expect(page.html).not.toContain('<script>');
      }
    });
  });

  it('stand under the headers of all pages', async () => {
    const { person } = await signedIn();
    const pages = [logout(), `${server.issuer}/device`, `${server.issuer}/oauth2/authorize`];
    for (const url of pages) {
      const { headers } = asPage(await person.visit(url));
      expect(headers).toMatchObject({
        'content-security-policy': expect.stringContaining("frame-ancestors 'none'"),
        'x-frame-options': 'DENY',
        'referrer-policy': 'same-origin',
        'cache-control': 'no-store',
      });
    }
  });
});
