import { expect } from '@jest/globals';
import * as client from 'openid-client';
import {
  type Account,
  type App,
  addAccount,
  isConsent,
  registerApp,
  registerService,
  sentBack,
} from '../flows/protocol/app.ts';
import { begin, discover, finish } from '../flows/protocol/library.ts';
import type { RunningGatehouse } from '../support/gatehouse.ts';
import { exchange } from '../support/http.ts';
import { makePerson, type Person } from '../support/person.ts';

/** People and programs in the middle of what they do with a server, each with what the server has given them. */
export interface EverydayLife {
  who: Account;
  /** Signed in, with the cookies of their browser. */
  person: Person;
  app: App;
  /** The app as it runs: it has read discovery and keys once, and keeps them. */
  library: client.Configuration;
  /** Of the app, for the person: opaque access token, refresh token, ID token. */
  tokens: client.TokenEndpointResponse;
  service: App;
  /** An opaque token of a service, and a JWT for the admin API. */
  serviceToken: string;
  adminToken: string;
  /** A refresh token that was revoked. */
  revoked: string;
}

export async function beginLife(server: RunningGatehouse): Promise<EverydayLife> {
  const [app, service] = [await registerApp(server), await registerService(server)];
  const who = await addAccount(server, 'person@example.org', { preferred_username: 'person' });
  const library = await discover(server, app);
  const person = makePerson(server.issuer);
  const began = await begin(library, app, { scope: 'openid profile email' });
  await person.visit(began.url);
  const asked = await person.signIn(who);
  const back = isConsent(asked) ? await person.submit({}, { button: 'allow' }) : asked;
  const tokens = await finish(library, began, back);
  const revoked = await signOutAnother(server, library, app);
  const { body } = await service.post('token', { grant_type: 'client_credentials' });
  return {
    who,
    person,
    app,
    library,
    tokens,
    service,
    serviceToken: body.access_token ?? '',
    adminToken: await server.adminToken(),
    revoked,
  };
}

/** Somebody else whose app has given its refresh token back, which ends all tokens of that sign-in. */
async function signOutAnother(
  server: RunningGatehouse,
  library: client.Configuration,
  app: App,
): Promise<string> {
  const who = await addAccount(server, 'other@example.org');
  const began = await begin(library, app, { scope: 'openid' });
  const person = makePerson(server.issuer);
  await person.visit(began.url);
  await person.signIn(who);
  const tokens = await finish(library, began, await person.submit({}, { button: 'allow' }));
  await client.tokenRevocation(library, tokens.refresh_token ?? '');
  return tokens.refresh_token ?? '';
}

/** Sends the person through once more, who must not be asked anything. */
async function again(library: client.Configuration, app: App, person: Person) {
  const began = await begin(library, app, { scope: 'openid profile email', prompt: 'none' });
  const back = await person.visit(began.url);
  expect(sentBack(back)).toHaveProperty('code');
  return [began, back] as const;
}

/** Goes on at the server as it is now, with what was given before, and notices no difference. */
export async function goOn(server: RunningGatehouse, life: EverydayLife): Promise<void> {
  const { library, app, person, who, tokens, service } = life;
  // The browser's session, the consent, the client's secret, and a signature by a key that the app knows.
  const signedIn = await finish(library, ...(await again(library, app, person)));
  expect(signedIn.claims()).toMatchObject({ sub: who.sub, iss: server.issuer });
  await expect(client.fetchUserInfo(library, tokens.access_token, who.sub)).resolves.toMatchObject({
    email: who.username,
  });
  const refreshed = await client.refreshTokenGrant(library, tokens.refresh_token ?? '');
  await expect(client.refreshTokenGrant(library, refreshed.refresh_token ?? '')).resolves.toHaveProperty(
    'id_token',
  );
  await expect(client.refreshTokenGrant(library, life.revoked)).rejects.toMatchObject({
    error: 'invalid_grant',
  });
  const { body } = await service.post('introspect', { token: life.serviceToken });
  expect(body).toMatchObject({ active: true, client_id: service.registration.clientId });
  await expect(askAdminApi(server, life)).resolves.toBe(200);
  await signInAnew(server, life);
}

/** Finds at the server as it is now that nothing of what was given before is worth anything, but that everybody is known. */
export async function startOver(server: RunningGatehouse, life: EverydayLife): Promise<void> {
  const { library, app, person, who, tokens, service } = life;
  const began = await begin(library, app, { prompt: 'none' });
  expect(sentBack(await person.visit(began.url))).toMatchObject({ error: 'login_required' });
  await expect(client.fetchUserInfo(library, tokens.access_token, who.sub)).rejects.toMatchObject({
    status: 401,
  });
  const refreshed = client.refreshTokenGrant(library, tokens.refresh_token ?? '');
  await expect(refreshed).rejects.toMatchObject({ error: 'invalid_grant' });
  const { body } = await service.post('introspect', { token: life.serviceToken });
  expect(body).toEqual({ active: false });
  await expect(askAdminApi(server, life)).resolves.toBe(401);
  await signInAnew(server, life);
}

/** With the token that the operators' program has had before. */
async function askAdminApi({ issuer }: RunningGatehouse, { adminToken }: EverydayLife): Promise<number> {
  const headers = { authorization: `Bearer ${adminToken}` };
  return (await exchange(`${issuer}/api/admin/v1/users`, { headers })).status;
}

/** A browser that knows nothing yet: the password, and the consent that was given before. */
async function signInAnew({ issuer }: RunningGatehouse, { library, app, who }: EverydayLife): Promise<void> {
  const stranger = makePerson(issuer);
  const began = await begin(library, app, { scope: 'openid profile email' });
  await stranger.visit(began.url);
  await expect(finish(library, began, await stranger.signIn(who))).resolves.toHaveProperty('id_token');
}
