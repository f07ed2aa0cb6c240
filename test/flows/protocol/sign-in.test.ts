import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as client from 'openid-client';
import { type RunningGatehouse, startGatehouse } from '../../support/gatehouse.ts';
import { readText } from '../../support/html.ts';
import { makePerson, type Page } from '../../support/person.ts';
import {
  type Account,
  type App,
  addAccount,
  asksFor,
  isConsent,
  registerApp,
  sentBack,
  shown,
  signInAndAllow,
} from './app.ts';
import { begin, discover, finish } from './library.ts';

let server: RunningGatehouse;
let app: App;
let who: Account;
beforeAll(async () => {
  server = await startGatehouse({ database: 'postgres' });
  app = await registerApp(server);
});
afterAll(() => server.dispose());

/** What a consent page says is new, and what it says was agreed to before. */
function readConsent(page: Page): { fresh: string; known: string } {
  const [fresh = '', known = ''] = page.html.split('<details');
  return { fresh: readText(fresh), known: readText(known) };
}

describe("somebody else's app", () => {
  beforeAll(async () => {
    who = await addAccount(server, 'person@example.org', { preferred_username: 'person' });
  });

  it('gets a person signed in with openid-client after they have agreed, and learns what they agreed to', async () => {
    const library = await discover(server, app);
    const began = await begin(library, app, { scope: 'openid profile' });
    const person = makePerson(server.issuer);
    expect(asksFor(await person.visit(began.url), 'password')).toBe(true);
    const consent = shown(await person.signIn(who));
    expect(consent.text).toContain('Photo Album would like to:');
    expect(readConsent(consent)).toMatchObject({
      fresh: expect.stringContaining('See your profile'),
      known: '',
    });
    const tokens = await finish(library, began, await person.submit({}, { button: 'allow' }));
    expect(tokens.claims()).toMatchObject({
      sub: who.sub,
      iss: server.issuer,
      aud: app.registration.clientId,
    });
    expect(tokens).toMatchObject({ scope: 'openid profile', token_type: 'bearer', expires_in: 600 });
    const claims = await client.fetchUserInfo(library, tokens.access_token, who.sub);
    expect(claims).toMatchObject({ sub: who.sub, name: 'Person of the Test', preferred_username: 'person' });
    expect(claims).not.toHaveProperty('email');
  });

  it('does not ask again in the same session, nor in another one', async () => {
    const person = makePerson(server.issuer);
    const attempt = app.begin({ scope: 'openid profile' });
    await person.visit(attempt.url);
    expect(sentBack(await person.signIn(who))).toHaveProperty('code');
    const again = await person.visit(app.begin({ scope: 'openid profile' }).url);
    expect(sentBack(again)).toHaveProperty('code');
  });

  it('asks again for what is new only, and says what was agreed to before', async () => {
    const person = makePerson(server.issuer);
    const attempt = app.begin({ scope: 'openid profile email' });
    await person.visit(attempt.url);
    const consent = shown(await person.signIn(who));
    expect(consent.text).toContain('Photo Album now asks for more:');
    const { fresh, known } = readConsent(consent);
    expect(fresh).toContain('See your e-mail address');
    expect(fresh).not.toContain('See your profile');
    expect(known).toContain('See your profile');
    const { body } = await app.redeem(attempt, await person.submit({}, { button: 'allow' }));
    expect(body.scope).toBe('openid profile email');
    const other = makePerson(server.issuer);
    await other.visit(app.begin({ scope: 'openid profile email' }).url);
    expect(sentBack(await other.signIn(who))).toHaveProperty('code');
  });

  it('asks again when it says so itself, and for nothing new', async () => {
    const person = makePerson(server.issuer);
    await person.visit(app.begin({ scope: 'openid profile', prompt: 'consent' }).url);
    const consent = shown(await person.signIn(who));
    expect(consent.text).toContain('asks you to confirm what you allowed before');
  });

  it('gets access_denied when the person does not agree, and asks again the next time', async () => {
    const person = makePerson(server.issuer);
    const attempt = app.begin({ scope: 'openid address' });
    await person.visit(attempt.url);
    await person.signIn(who);
    const refused = sentBack(await person.submit({}, { button: 'deny' }));
    expect(refused).toMatchObject({ error: 'access_denied', state: attempt.state, iss: server.issuer });
    expect(refused).not.toHaveProperty('code');
    expect(isConsent(await person.visit(app.begin({ scope: 'openid address' }).url))).toBe(true);
  });

  it('gets access_denied when the person does not sign in', async () => {
    const person = makePerson(server.issuer);
    const attempt = app.begin();
    await person.visit(attempt.url);
    const refused = sentBack(await person.submit({}, { action: '/cancel' }));
    expect(refused).toMatchObject({ error: 'access_denied', state: attempt.state, iss: server.issuer });
  });

  it('has its own agreement with each person', async () => {
    const other = await addAccount(server, 'other@example.org');
    const person = makePerson(server.issuer);
    await person.visit(app.begin({ scope: 'openid profile' }).url);
    expect(isConsent(await person.signIn(other))).toBe(true);
  });

  it('is given no more than it is registered for', async () => {
    const narrow = await registerApp(server, { scope: 'openid email' });
    const attempt = narrow.begin({ scope: 'openid email profile' });
    const answer = sentBack(await makePerson(server.issuer).visit(attempt.url));
    expect(answer).toMatchObject({ error: 'invalid_scope', state: attempt.state });
  });
});

describe("the operator's own app", () => {
  it('asks nobody for consent, not even when it wants to', async () => {
    const own = await registerApp(server, { skip_consent: true });
    const person = makePerson(server.issuer);
    await person.visit(own.begin().url);
    expect(sentBack(await person.signIn(who))).toHaveProperty('code');
    const again = await person.visit(own.begin({ prompt: 'consent', scope: 'openid phone' }).url);
    expect(sentBack(again)).toHaveProperty('code');
  });

  it('signs a person in at a second app of the house without a form in between', async () => {
    const [first, second] = [
      await registerApp(server, { skip_consent: true }),
      await registerApp(server, { skip_consent: true, token_endpoint_auth_method: 'none' }),
    ];
    const person = makePerson(server.issuer);
    await first.signIn(person, who);
    const attempt = second.begin();
    const { status, body } = await second.redeem(attempt, await person.visit(attempt.url));
    expect(status).toBe(200);
    expect(body).toMatchObject({ id_token: expect.any(String) });
  });
});

describe('the sign-in page', () => {
  it('says the same about a wrong password, an unknown name and a disabled account, and goes on afterwards', async () => {
    const disabled = await addAccount(server, 'disabled@example.org', { status: 'disabled' });
    const person = makePerson(server.issuer);
    const attempt = app.begin();
    await person.visit(attempt.url);
    const wrong = [
      { ...who, password: 'wrong' },
      { ...who, username: 'nobody@example.org' },
      { ...who, password: '' },
      disabled,
    ];
    for (const attempted of wrong) {
      const page = shown(await person.signIn(attempted));
      expect(page).toMatchObject({
        status: 422,
        text: expect.stringContaining('Wrong user name or password.'),
      });
    }
    expect(sentBack(await person.signIn(who))).toHaveProperty('code');
  });

  it('takes the user name, and the address in any casing', async () => {
    for (const username of ['person', 'PERSON@example.ORG', ' person@example.org ']) {
      const { status } = await signInAndAllow(app, makePerson(server.issuer), { ...who, username });
      expect(status).toBe(200);
    }
  });

  it('gives a session that sign-ins before it did not have', async () => {
    const person = makePerson(server.issuer);
    await person.visit('/device');
    const before = person.jar.get('gatehouse_session')?.value;
    await signInAndAllow(app, person, who);
    expect(person.jar.get('gatehouse_session')?.value).not.toBe(before);
  });
});
