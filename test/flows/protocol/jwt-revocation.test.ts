import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import * as client from 'openid-client';
import { type RunningGatehouse, startGatehouse } from '../../support/gatehouse.ts';
import { exchange } from '../../support/http.ts';
import { setNewPassword } from '../../support/new-password.ts';
import { makePerson, type Person } from '../../support/person.ts';
import { type Account, type App, addAccount, registerApp, registerService } from './app.ts';
import { discover } from './library.ts';

const own = { skip_consent: true };

let server: RunningGatehouse;
let guard: App;
let resource: string;
beforeAll(async () => {
  // Without the window in which a refresh may be repeated, a second use is a second use.
  server = await startGatehouse({ database: 'postgres', env: { GATEHOUSE_REFRESH_REPLAY_WINDOW: '0s' } });
  guard = await registerService(server, { introspection_scope: 'any' });
  resource = `${server.issuer}/api/account`;
});
afterAll(() => server.dispose());

const isActive = async (token: string): Promise<unknown> =>
  (await guard.post('introspect', { token })).body.active;

let people = 0;
function anyone(): Promise<Account> {
  people += 1;
  return addAccount(server, `person-${people}@example.org`);
}

interface Held {
  who: Account;
  app: App;
  person: Person;
  /** Presents its code once more, with all that belongs to it. */
  replay(): Promise<unknown>;
  /** An access token that nobody stores. */
  jwt: string;
  /** One of the same grant that is stored. */
  opaque: string;
  refresh: string;
}

/** Signs somebody in, and gets both kinds of access tokens on one grant. */
async function hold({
  app,
  who,
  person = makePerson(server.issuer),
  scope = 'openid account:read',
}: Partial<Held> & {
  scope?: string;
} = {}): Promise<Held> {
  const [some, somebody] = [app ?? (await registerApp(server, own)), who ?? (await anyone())];
  const plain = await some.signIn(person, somebody);
  const attempt = some.begin({
    scope,
    resource,
    ...(scope.includes('offline') ? { prompt: 'consent' } : {}),
  });
  const back = await person.visit(attempt.url);
  const { body } = await some.redeem(attempt, back);
  const held = { jwt: String(body.access_token), opaque: String(plain.body.access_token) };
  expect(decodeJwt(held.jwt)).toMatchObject({ aud: resource, sub: somebody.sub });
  await expect(Promise.all([isActive(held.jwt), isActive(held.opaque)])).resolves.toEqual([true, true]);
  const replay = () => some.redeem(attempt, back);
  return { who: somebody, app: some, person, replay, ...held, refresh: String(body.refresh_token) };
}

async function signOut({ person }: Held): Promise<void> {
  await person.visit('/oauth2/logout');
  await person.submit({}, { button: 'yes' });
}

async function change({ who }: Held, changes: object): Promise<void> {
  const { status } = await server.admin('PATCH', `users/${who.sub}`, changes);
  expect(status).toBe(200);
}

async function remove(path: string): Promise<void> {
  const { status } = await server.admin('DELETE', path);
  expect(status).toBe(204);
}

describe('an access token that nobody stores ends at once', () => {
  it.each<[how: string, end: (held: Held) => Promise<unknown>]>([
    ['when it is revoked', ({ app, jwt }) => app.post('revoke', { token: jwt })],
    ['when its refresh token is revoked', ({ app, refresh }) => app.post('revoke', { token: refresh })],
    [
      'when another access token of its grant is revoked',
      ({ app, opaque }) => app.post('revoke', { token: opaque }),
    ],
    ['when its code is used a second time', ({ replay }) => replay()],
    [
      'when its refresh token is used a second time',
      async ({ app, refresh }) => [await app.refresh(refresh), await app.refresh(refresh)],
    ],
    [
      'when another client presents its refresh token',
      async ({ refresh }) => (await registerApp(server, own)).refresh(refresh),
    ],
    ['when the person signs out', signOut],
    [
      'when the person gets another password',
      ({ who }) => setNewPassword(server, who, 'another long password'),
    ],
    ['when the person is disabled', (held) => change(held, { status: 'disabled' })],
    ['when the person is deleted', ({ who }) => remove(`users/${who.sub}`)],
    ['when the client is deleted', ({ app }) => remove(`clients/${app.registration.clientId}`)],
  ])('%s, and everybody else’s goes on', async (_how, end) => {
    const [held, other] = [await hold(), await hold()];
    await end(held);
    await expect(isActive(held.jwt)).resolves.toBe(false);
    await expect(isActive(held.opaque)).resolves.toBe(false);
    expect((await held.app.refresh(held.refresh)).body).not.toHaveProperty('access_token');
    await expect(isActive(other.jwt)).resolves.toBe(true);
  });

  it('but not when a person signs out who has granted access for the time while they are away', async () => {
    const held = await hold({ scope: 'openid account:read offline_access' });
    await signOut(held);
    await expect(isActive(held.jwt)).resolves.toBe(true);
    await held.app.post('revoke', { token: held.refresh });
    await expect(isActive(held.jwt)).resolves.toBe(false);
  });

  it('but not when the person signs out in another browser', async () => {
    const here = await hold();
    const there = await hold({ who: here.who, app: here.app });
    await signOut(there);
    await expect(Promise.all([isActive(here.jwt), isActive(there.jwt)])).resolves.toEqual([true, false]);
  });

  it('and the one of a new sign-in is good, although it is of the same second', async () => {
    const rounds = 12;
    let sameSecond = 0;
    const who = await anyone();
    const app = await registerApp(server, own);
    for (let round = 0; round < rounds; round += 1) {
      const held = await hold({ who, app });
      await signOut(held);
      const again = await hold({ who, app, person: held.person });
      await expect(Promise.all([isActive(held.jwt), isActive(again.jwt)])).resolves.toEqual([false, true]);
      if (decodeJwt(held.jwt).iat === decodeJwt(again.jwt).iat) sameSecond += 1;
    }
    expect(sameSecond).toBeGreaterThan(0);
  });
});

describe('a token that a service got for itself', () => {
  const admin = { scope: 'users:read' };
  async function issue(service: App): Promise<string> {
    const { status, body } = await service.post('token', {
      grant_type: 'client_credentials',
      resource: `${server.issuer}/api/admin`,
      ...admin,
    });
    expect(status).toBe(200);
    return String(body.access_token);
  }
  const call = async (token: string) => {
    const headers = { authorization: `Bearer ${token}` };
    return (await exchange(`${server.issuer}/api/admin/v1/users`, { headers })).status;
  };

  it('ends when it is revoked, for introspection and for our own API, and takes no other with it', async () => {
    const service = await registerService(server, admin);
    const [token, other] = [await issue(service), await issue(service)];
    await expect(call(token)).resolves.toBe(200);
    await expect(service.post('revoke', { token })).resolves.toMatchObject({ status: 200 });
    await expect(call(token)).resolves.toBe(401);
    await expect(isActive(token)).resolves.toBe(false);
    await expect(call(other)).resolves.toBe(200);
    await expect(isActive(other)).resolves.toBe(true);
  });

  it('ends with its client, and stays ended when the client is made again in the same second', async () => {
    for (let round = 0; round < 5; round += 1) {
      const service = await registerService(server, { ...admin, client_id: `phoenix-${round}` });
      const token = await issue(service);
      await remove(`clients/phoenix-${round}`);
      await expect(call(token)).resolves.toBe(401);
      const again = await registerService(server, { ...admin, client_id: `phoenix-${round}` });
      await expect(call(token)).resolves.toBe(401);
      await expect(isActive(token)).resolves.toBe(false);
      const fresh = await issue(again);
      await expect(call(fresh)).resolves.toBe(200);
      await expect(isActive(fresh)).resolves.toBe(true);
    }
  });
});

describe('revocation of an access token that nobody stores', () => {
  it('is answered with nothing of no type, as often as it is asked for', async () => {
    const { app, jwt } = await hold();
    for (let time = 0; time < 2; time += 1) {
      const answer = await app.post('revoke', { token: jwt, token_type_hint: 'refresh_token' });
      expect(answer.status).toBe(200);
      expect(answer.headers.get('content-type')).toBeNull();
      expect(answer.headers.get('content-length')).toBe('0');
      expect(answer.headers.get('cache-control')).toBe('no-store');
    }
  });

  it('is understood by a library, also by that of a public app in a browser', async () => {
    const open = await registerApp(server, { ...own, token_endpoint_auth_method: 'none' });
    const { jwt, app } = await hold({ app: open });
    const answer = await exchange(`${server.issuer}/oauth2/revoke`, {
      method: 'POST',
      headers: { origin: 'https://app.example', 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ token: jwt, client_id: app.registration.clientId }).toString(),
    });
    expect(answer).toMatchObject({
      status: 200,
      headers: { 'access-control-allow-origin': 'https://app.example' },
    });
    await expect(isActive(jwt)).resolves.toBe(false);
    const confidential = await hold();
    await client.tokenRevocation(await discover(server, confidential.app), confidential.jwt);
    await expect(isActive(confidential.jwt)).resolves.toBe(false);
  });

  it('leaves the session alone: the person need not sign in again', async () => {
    const { app, jwt, refresh, opaque, person } = await hold();
    await app.post('revoke', { token: jwt });
    const attempt = app.begin({ prompt: 'none', scope: 'openid account:read', resource });
    const { body } = await app.redeem(attempt, await person.visit(attempt.url));
    await expect(isActive(String(body.access_token))).resolves.toBe(true);
    // What was ended stays so, although the session has a grant for this client again.
    for (const token of [jwt, refresh, opaque]) await expect(isActive(token)).resolves.toBe(false);
  });

  it('is the business of its own client only', async () => {
    const { jwt } = await hold();
    const open = await registerApp(server, { ...own, token_endpoint_auth_method: 'none' });
    const other = await registerApp(server, own);
    await expect(other.post('revoke', { token: jwt })).resolves.toMatchObject({
      status: 400,
      body: { error: 'invalid_request' },
    });
    await expect(open.post('revoke', { token: jwt })).resolves.toMatchObject({ status: 200 });
    await expect(guard.post('revoke', { token: jwt })).resolves.toMatchObject({ status: 400 });
    await expect(isActive(jwt)).resolves.toBe(true);
  });

  it('of what is no access token of ours is answered as if it had been one', async () => {
    const { app, jwt } = await hold();
    const [header = '', payload = ''] = jwt.split('.');
    const { body } = await app.signIn(makePerson(server.issuer), await anyone());
    for (const token of [
      String(body.id_token),
      `${header}.${payload}.`,
      `${jwt}A`,
      'e30.e30.e30',
      `${header}..`,
    ])
      await expect(app.post('revoke', { token })).resolves.toMatchObject({ status: 200 });
    await expect(isActive(jwt)).resolves.toBe(true);
    await expect(isActive(String(body.access_token))).resolves.toBe(true);
  });
});
