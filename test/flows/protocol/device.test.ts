import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as client from 'openid-client';
import { type RunningGatehouse, startGatehouse } from '../../support/gatehouse.ts';
import { makePerson, type Person } from '../../support/person.ts';
import type { TokenAnswer } from '../../support/relying-party.ts';
import {
  type Account,
  type App,
  addAccount,
  asksFor,
  isConsent,
  registerApp,
  sentBack,
  shown,
} from './app.ts';
import { discover } from './library.ts';

const grantType = 'urn:ietf:params:oauth:grant-type:device_code';

let server: RunningGatehouse;
let tv: App;
let ownApp: App;
let who: Account;
beforeAll(async () => {
  server = await startGatehouse({ database: 'postgres' });
  tv = await registerApp(server, {
    client_name: 'Television',
    grant_types: [grantType, 'refresh_token'],
    redirect_uris: [],
    token_endpoint_auth_method: 'none',
  });
  ownApp = await registerApp(server, { skip_consent: true });
  who = await addAccount(server, 'person@example.org');
});
afterAll(() => server.dispose());

interface Begun {
  userCode: string;
  deviceCode: string;
  verification: string;
  complete: string;
}

async function begin(scope = 'openid email'): Promise<Begun> {
  const { status, headers, body } = await tv.post('device_authorization', { scope });
  expect(status).toBe(200);
  expect(headers.get('cache-control')).toBe('no-store');
  expect(body).toMatchObject({ verification_uri: `${server.issuer}/device`, expires_in: 600 });
  return {
    userCode: String(body.user_code),
    deviceCode: String(body.device_code),
    verification: String(body.verification_uri),
    complete: String(body.verification_uri_complete),
  };
}

const poll = ({ deviceCode }: Begun): Promise<TokenAnswer> =>
  tv.post('token', { grant_type: grantType, device_code: deviceCode });

async function enter(person: Person, { verification, userCode }: Begun) {
  await person.visit(verification);
  return shown(await person.submit({ user_code: userCode }));
}

const refusal = (error: string) => ({ status: 400, body: { error } });

describe('a device without a browser', () => {
  it('gets its person signed in who types its code, confirms it, signs in and agrees', async () => {
    const begun = await begin();
    await expect(poll(begun)).resolves.toMatchObject(refusal('authorization_pending'));
    const person = makePerson(server.issuer);
    const confirmation = await enter(person, begun);
    expect(confirmation.text).toContain('Is this your device?');
    expect(confirmation.text).toContain(begun.userCode);
    expect(confirmation.text).toContain('Television');
    expect(asksFor(await person.submit({ confirm: 'yes' }), 'password')).toBe(true);
    const consent = await person.signIn(who);
    expect(isConsent(consent)).toBe(true);
    await expect(poll(begun)).resolves.toMatchObject(refusal('authorization_pending'));
    const done = shown(await person.submit({}, { button: 'allow' }));
    expect(done.text).toContain('Your device is connected');
    const { status, body } = await poll(begun);
    expect(status).toBe(200);
    await expect(tv.userinfo(String(body.access_token))).resolves.toMatchObject({
      body: { sub: who.sub, email: who.username },
    });
    await expect(tv.refresh(String(body.refresh_token))).resolves.toMatchObject({ status: 200 });
  });

  it('gets its tokens once', async () => {
    const begun = await begin();
    const person = makePerson(server.issuer);
    await enter(person, begun);
    await person.submit({ confirm: 'yes' });
    await person.signIn(who);
    const first = await poll(begun);
    expect(first.status).toBe(200);
    await expect(poll(begun)).resolves.toMatchObject(refusal('invalid_grant'));
    await expect(tv.userinfo(String(first.body.access_token))).resolves.toMatchObject({ status: 401 });
  });

  it('works with openid-client', async () => {
    const library = await discover(server, tv);
    const begun = await client.initiateDeviceAuthorization(library, { scope: 'openid' });
    const person = makePerson(server.issuer);
    await ownApp.signIn(person, who);
    await person.visit(begun.verification_uri_complete ?? '');
    // With script this page posts itself; without, it has a button.
    await person.submit({});
    expect(person.page().text).toContain(begun.user_code);
    const done = shown(await person.submit({ confirm: 'yes' }));
    expect(done.text).toContain('Your device is connected');
    const tokens = await client.pollDeviceAuthorizationGrant(library, { ...begun, interval: 0.1 });
    expect(tokens.claims()?.sub).toBe(who.sub);
  });

  it('is refused by its person on the page that shows its code', async () => {
    const begun = await begin();
    const person = makePerson(server.issuer);
    await enter(person, begun);
    const page = shown(await person.submit({}, { button: 'No, refuse' }));
    expect(page).toMatchObject({ status: 200, text: expect.stringContaining('You refused.') });
    await expect(poll(begun)).resolves.toMatchObject(refusal('access_denied'));
  });

  it('is refused by its person on the page for consent', async () => {
    const other = await addAccount(server, 'second@example.org');
    const begun = await begin();
    const person = makePerson(server.issuer);
    await enter(person, begun);
    await person.submit({ confirm: 'yes' });
    await person.signIn(other);
    const page = shown(await person.submit({}, { button: 'deny' }));
    expect(page.text).toContain('You refused.');
    await expect(poll(begun)).resolves.toMatchObject(refusal('access_denied'));
  });

  it('takes a code in any casing and spacing, and no code twice', async () => {
    const begun = await begin();
    const person = makePerson(server.issuer);
    const typed = { ...begun, userCode: ` ${begun.userCode.toLowerCase().replace('-', ' ')}` };
    expect((await enter(person, typed)).text).toContain(begun.userCode);
    await person.submit({ confirm: 'yes' });
    await person.signIn(who);
    const again = await enter(makePerson(server.issuer), begun);
    expect(again).toMatchObject({ status: 422, text: expect.stringContaining('This code did not work.') });
  });

  it('says that a code did not work, whatever is wrong with it', async () => {
    const person = makePerson(server.issuer);
    for (const userCode of ['AAAA-AAAA', '', '\u0000', '<b>', '0'.repeat(64)]) {
      await person.visit('/device');
      const page = shown(await person.submit({ user_code: userCode }));
      expect(page).toMatchObject({ status: 422, text: expect.stringContaining('This code did not work.') });
    }
  });

  it('of another app gets nothing for its code', async () => {
    const begun = await begin();
    const other = await registerApp(server, {
      grant_types: [grantType],
      redirect_uris: [],
      token_endpoint_auth_method: 'none',
    });
    await expect(
      other.post('token', { grant_type: grantType, device_code: begun.deviceCode }),
    ).resolves.toMatchObject(refusal('invalid_grant'));
    await expect(ownApp.post('device_authorization', { scope: 'openid' })).resolves.toMatchObject(
      refusal('unauthorized_client'),
    );
  });

  it('leaves the session of the person as an ordinary one', async () => {
    const begun = await begin();
    const person = makePerson(server.issuer);
    await enter(person, begun);
    await person.submit({ confirm: 'yes' });
    await person.signIn(who);
    expect(sentBack(await person.visit(ownApp.begin({ prompt: 'none' }).url))).toHaveProperty('code');
  });
});
