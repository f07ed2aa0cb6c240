import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { type RunningGatehouse, startGatehouse } from '../../support/gatehouse.ts';
import { readForms } from '../../support/html.ts';
import { makePerson } from '../../support/person.ts';
import { waitFor } from '../../support/wait-for.ts';
import {
  type Account,
  type App,
  addAccount,
  asksFor,
  callback,
  registerApp,
  sentBack,
  shown,
} from './app.ts';

let server: RunningGatehouse;
let own: App;
let foreign: App;
let who: Account;
beforeAll(async () => {
  server = await startGatehouse({ database: 'postgres' });
  own = await registerApp(server, { skip_consent: true });
  foreign = await registerApp(server);
  who = await addAccount(server, 'person@example.org');
});
afterAll(() => server.dispose());

describe('an authorization response', () => {
  it('names the issuer and the state, whether it is a code or an error', async () => {
    const person = makePerson(server.issuer);
    const silent = own.begin({ prompt: 'none' });
    const named = ({ state }: { state: string }) => ({ iss: server.issuer, state });
    expect(sentBack(await person.visit(silent.url))).toEqual({
      ...named(silent),
      error: 'login_required',
      error_description: expect.any(String),
    });
    const attempt = own.begin();
    await person.visit(attempt.url);
    expect(sentBack(await person.signIn(who))).toEqual({ ...named(attempt), code: expect.any(String) });
    const faults = [
      { scope: 'openid nonsense"' },
      { response_type: 'id_token' },
      { code_challenge: '', code_challenge_method: '' },
      { code_challenge_method: 'plain' },
      { prompt: 'none login' },
      { max_age: '-1' },
      { resource: 'https://nobody.example' },
      { request: 'x' },
      { registration: '{}' },
    ];
    for (const fault of faults) {
      const faulty = own.begin(fault);
      const { url } = await person.visit(faulty.url);
      const said = new URLSearchParams(url.search === '' ? url.hash.slice(1) : url.search);
      expect(Object.fromEntries(said)).toMatchObject({ ...named(faulty), error: expect.any(String) });
    }
  });

  it('comes in the fragment when the app asks for that, also as an error', async () => {
    const person = makePerson(server.issuer);
    await own.signIn(person, who);
    for (const extra of [{}, { prompt: 'none', scope: 'openid "' }]) {
      const { url } = await person.visit(own.begin({ response_mode: 'fragment', ...extra }).url);
      expect(url.search).toBe('');
      expect(new URLSearchParams(url.hash.slice(1)).get('iss')).toBe(server.issuer);
    }
  });

  it('comes as a form when the app asks for that, from a page that may post to this app and where it leads', async () => {
    const person = makePerson(server.issuer);
    await own.signIn(person, who);
    const attempt = own.begin({ response_mode: 'form_post' });
    const page = shown(await person.visit(attempt.url));
    expect(readForms(page.html)).toMatchObject([
      {
        action: callback,
        method: 'post',
        values: { iss: server.issuer, state: attempt.state, code: expect.any(String) },
      },
    ]);
    const policy = String(page.headers['content-security-policy']);
    expect(policy).toMatch(/form-action 'self' https:\/\/app\.example https:;/);
    expect(policy).toMatch(/script-src 'self' 'sha256-[\w+/]+=*';/);
    expect(page.headers['cache-control']).toBe('no-store');
    const failed = shown(
      await person.visit(own.begin({ response_mode: 'form_post', scope: 'openid "' }).url),
    );
    expect(failed.forms).toMatchObject([{ action: callback, values: { error: 'invalid_scope' } }]);
    expect(String(failed.headers['content-security-policy'])).toContain(
      "form-action 'self' https://app.example https:;",
    );
  });
});

describe('a silent request', () => {
  it('is told login_required without a session, and consent_required without an agreement', async () => {
    const person = makePerson(server.issuer);
    expect(sentBack(await person.visit(foreign.begin({ prompt: 'none' }).url))).toMatchObject({
      error: 'login_required',
    });
    await own.signIn(person, who);
    expect(sentBack(await person.visit(own.begin({ prompt: 'none' }).url))).toHaveProperty('code');
    expect(sentBack(await person.visit(foreign.begin({ prompt: 'none' }).url))).toMatchObject({
      error: 'consent_required',
    });
  });

  it('is told login_required when the sign-in was too long ago, or somebody else is meant', async () => {
    const person = makePerson(server.issuer);
    const { body } = await own.signIn(person, who);
    const signedIn = Number(decodeJwt(String(body.id_token)).auth_time ?? Math.floor(Date.now() / 1000));
    await waitFor('the sign-in was more than a second ago', () => Date.now() / 1000 > signedIn + 2);
    expect(sentBack(await person.visit(own.begin({ prompt: 'none', max_age: '1' }).url))).toMatchObject({
      error: 'login_required',
    });
    expect(sentBack(await person.visit(own.begin({ prompt: 'none', max_age: '600' }).url))).toHaveProperty(
      'code',
    );
    const other = await addAccount(server, 'somebody-else@example.org');
    const otherTokens = await own.signIn(makePerson(server.issuer), other);
    const hint = { id_token_hint: String(otherTokens.body.id_token) };
    expect(sentBack(await person.visit(own.begin({ prompt: 'none', ...hint }).url))).toMatchObject({
      error: 'login_required',
    });
  });
});

describe('the time of the sign-in', () => {
  it('is that of the password, also when consent comes later', async () => {
    const person = makePerson(server.issuer);
    const attempt = foreign.begin({ max_age: '600' });
    await person.visit(attempt.url);
    await person.signIn(who);
    const entered = Math.ceil(Date.now() / 1000);
    await waitFor('two more seconds have passed', () => Date.now() / 1000 > entered + 2);
    const { body } = await foreign.redeem(attempt, await person.submit({}, { button: 'allow' }));
    const { auth_time: authTime, iat } = decodeJwt(String(body.id_token));
    expect(Number(authTime)).toBeLessThanOrEqual(entered);
    expect(Number(iat)).toBeGreaterThan(entered);
  });

  it('stays when another app is signed in to, and moves when the person signs in anew', async () => {
    const person = makePerson(server.issuer);
    const first = await own.signIn(person, who, { max_age: '600' });
    const firstTime = Number(decodeJwt(String(first.body.id_token)).auth_time);
    await waitFor('the clock has moved on', () => Date.now() / 1000 > firstTime + 2);
    const silent = own.begin({ max_age: '600' });
    const second = await own.redeem(silent, await person.visit(silent.url));
    expect(decodeJwt(String(second.body.id_token)).auth_time).toBe(firstTime);
    const anew = own.begin({ max_age: '600', prompt: 'login' });
    const page = await person.visit(anew.url);
    expect(asksFor(page, 'password')).toBe(true);
    expect(shown(page).text).toContain('Please sign in once more');
    const third = await own.redeem(anew, await person.signIn(who));
    expect(Number(decodeJwt(String(third.body.id_token)).auth_time)).toBeGreaterThan(firstTime);
  });

  it.each([{ prompt: 'login' }, { max_age: '0' }])('is asked to be now by %j', async (extra) => {
    const person = makePerson(server.issuer);
    await own.signIn(person, who);
    expect(asksFor(await person.visit(own.begin(extra).url), 'password')).toBe(true);
  });

  it('somebody else signing in ends the session of the first', async () => {
    const person = makePerson(server.issuer);
    const { body } = await own.signIn(person, who);
    const other = await addAccount(server, 'second@example.org');
    const attempt = own.begin({ prompt: 'login' });
    await person.visit(attempt.url);
    let seen = await person.signIn(other);
    // The engine signs the first person out by a form that posts itself, with script or a button.
    while (seen.kind === 'page' && seen.forms.length > 0) seen = await person.submit({});
    const tokens = await own.redeem(attempt, seen);
    expect(decodeJwt(String(tokens.body.id_token)).sub).toBe(other.sub);
    expect(sentBack(await person.visit(own.begin({ prompt: 'none' }).url))).toHaveProperty('code');
    await expect(own.refresh(String(body.refresh_token))).resolves.toMatchObject({ status: 400 });
  });
});
