import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as client from 'openid-client';
import { type RunningGatehouse, startGatehouse } from '../../support/gatehouse.ts';
import { makePerson, type Person } from '../../support/person.ts';
import { type Account, type App, addAccount, registerApp, sentBack, shown } from './app.ts';
import { discover } from './library.ts';

const afterwards = 'https://app.example/signed-out';

let server: RunningGatehouse;
let app: App;
let who: Account;
beforeAll(async () => {
  server = await startGatehouse({ database: 'postgres' });
  app = await registerApp(server, { skip_consent: true, post_logout_redirect_uris: [afterwards] });
  who = await addAccount(server, 'person@example.org');
});
afterAll(() => server.dispose());

const isSignedIn = async (person: Person) =>
  'code' in sentBack(await person.visit(app.begin({ prompt: 'none' }).url));

async function signIn(extra: Record<string, string> = {}) {
  const person = makePerson(server.issuer);
  const { body } = await app.signIn(person, who, extra);
  return {
    person,
    id: String(body.id_token),
    refresh: String(body.refresh_token),
    access: String(body.access_token),
  };
}

describe('a sign-out that an app begins', () => {
  it('asks the person, ends the session, and leads back to where the app is registered for', async () => {
    const { person, id } = await signIn();
    const library = await discover(server, app);
    const url = client.buildEndSessionUrl(library, {
      id_token_hint: id,
      post_logout_redirect_uri: afterwards,
      state: 'as it was',
    });
    const page = shown(await person.visit(url));
    expect(page.text).toContain('Photo Album asks whether you want to sign out here too.');
    await expect(isSignedIn(person)).resolves.toBe(true);
    await person.visit(url);
    const left = await person.submit({}, { button: 'yes' });
    expect(left).toMatchObject({ kind: 'elsewhere', url: new URL(`${afterwards}?state=as+it+was`) });
    await expect(isSignedIn(person)).resolves.toBe(false);
    expect(person.jar.get('gatehouse_session')?.value).toBeUndefined();
  });

  it('keeps the session of a person who wants to stay', async () => {
    const { person, id } = await signIn();
    await person.visit(`/oauth2/logout?id_token_hint=${id}`);
    await person.submit({});
    await expect(isSignedIn(person)).resolves.toBe(true);
  });

  it('without any hint shows the same question, and no way out of here', async () => {
    const { person } = await signIn();
    const page = shown(await person.visit(`/oauth2/logout?post_logout_redirect_uri=${afterwards}`));
    expect(page.text).toContain('This ends your session in this browser.');
    const done = shown(await person.submit({}, { button: 'yes' }));
    expect(done).toMatchObject({ status: 200, text: expect.stringContaining('You are signed out') });
    await expect(isSignedIn(person)).resolves.toBe(false);
  });

  it('says that it is done to somebody who was not signed in', async () => {
    const person = makePerson(server.issuer);
    shown(await person.visit('/oauth2/logout'));
    const done = shown(await person.submit({}));
    expect(done.text).toContain('You are signed out');
  });

  it.each([
    ['an address that is not registered', { post_logout_redirect_uri: 'https://evil.example/' }],
    ['almost the registered address', { post_logout_redirect_uri: `${afterwards}/` }],
    ['an ID token that is none', { id_token_hint: 'x.y.z' }],
    ['an app that there is not', { client_id: 'nobody', id_token_hint: '' }],
    ['an ID token of another app', { client_id: 'other' }],
  ])('refuses %s on a page, and ends nothing', async (_, changes) => {
    const { person, id } = await signIn();
    const parameters = { id_token_hint: id, ...changes };
    const query = new URLSearchParams(Object.entries(parameters).filter(([, value]) => value !== ''));
    const page = shown(await person.visit(`/oauth2/logout?${query.toString()}`));
    expect(page.status).toBe(400);
    expect(page.forms).toEqual([]);
    await expect(isSignedIn(person)).resolves.toBe(true);
  });
});

describe('what a sign-out ends', () => {
  async function signOut(person: Person): Promise<void> {
    await person.visit('/oauth2/logout');
    await person.submit({}, { button: 'yes' });
  }

  it("is the session's refresh and access tokens", async () => {
    const { person, refresh, access } = await signIn();
    await signOut(person);
    await expect(app.refresh(refresh)).resolves.toMatchObject({
      status: 400,
      body: { error: 'invalid_grant' },
    });
    await expect(app.userinfo(access)).resolves.toMatchObject({ status: 401 });
  });

  it('is not what the person allowed for the time while they are away', async () => {
    const { person, refresh } = await signIn({ scope: 'openid offline_access', prompt: 'consent' });
    await signOut(person);
    await expect(app.refresh(refresh)).resolves.toMatchObject({ status: 200 });
  });

  it('is not a session in another browser', async () => {
    const [here, there] = [await signIn(), await signIn()];
    await signOut(here.person);
    await expect(isSignedIn(there.person)).resolves.toBe(true);
    await expect(app.refresh(there.refresh)).resolves.toMatchObject({ status: 200 });
  });

  it('is for good: a copy of the cookie is nobody', async () => {
    const { person } = await signIn();
    const copy = makePerson(server.issuer);
    for (const cookie of person.jar.all()) copy.jar.put(cookie);
    await signOut(person);
    await expect(isSignedIn(copy)).resolves.toBe(false);
  });
});
