import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type App, addAccount, registerApp, registerService } from '../flows/protocol/app.ts';
import { makeSecrets, type RunningGatehouse, startGatehouse } from '../support/gatehouse.ts';
import { exchange, type HttpResponse } from '../support/http.ts';
import { makePerson } from '../support/person.ts';
import { createDatabase, type TestDatabase } from '../support/postgres.ts';
import { basic } from '../support/relying-party.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { waitFor } from '../support/wait-for.ts';

let place: TestDatabase;
let proxy: TcpProxy;
let server: RunningGatehouse;
let app: App;
let service: App;
beforeAll(async () => {
  place = await createDatabase();
  proxy = await startTcpProxy(Number(new URL(place.url).port));
  server = await startGatehouse({
    env: { ...makeSecrets(), GATEHOUSE_DATABASE_URL: proxy.urlOf(place.url) },
  });
  app = await registerApp(server, {
    client_id: 'album',
    skip_consent: true,
    grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
  });
  service = await registerService(server, { client_id: 'service' });
});
afterAll(async () => {
  await server.dispose();
  await proxy.close();
  await place.drop();
});

const word = async () => (await exchange(`${server.managementUrl}/readyz`)).text.trim();

interface Timed extends HttpResponse {
  ms: number;
}

async function timed(request: Promise<HttpResponse>): Promise<Timed> {
  const began = performance.now();
  const response = await request;
  return { ...response, ms: performance.now() - began };
}

function post(endpoint: string, parameters: Record<string, string>, by = app): Promise<Timed> {
  const { clientId, clientSecret = '' } = by.registration;
  return timed(
    exchange(`${server.issuer}/oauth2/${endpoint}`, {
      method: 'POST',
      headers: {
        authorization: basic(clientId, clientSecret),
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: new URLSearchParams(parameters).toString(),
    }),
  );
}

/** Tokens of a person who has just signed in, a code not yet redeemed, and a token of the service. */
async function prepare() {
  const username = `${crypto.randomUUID()}@example.org`;
  const who = await addAccount(server, username);
  const person = makePerson(server.issuer);
  const tokens = await app.signIn(person, who);
  const attempt = app.begin();
  const callback = await person.visit(attempt.url);
  const own = await service.post('token', { grant_type: 'client_credentials' });
  const signInPage = await makePerson(server.issuer).visit(app.begin().url);
  if (signInPage.kind !== 'page') throw new Error('nobody was asked to sign in');
  return {
    access: String(tokens.body.access_token),
    refresh: String(tokens.body.refresh_token),
    code: String(callback.url.searchParams.get('code')),
    verifier: attempt.verifier,
    own: String(own.body.access_token),
    adminToken: await server.adminToken(),
    signInPage,
  };
}

type Prepared = Awaited<ReturnType<typeof prepare>>;

const forPrograms: [string, (had: Prepared) => Promise<Timed>][] = [
  ['a token of its own', () => post('token', { grant_type: 'client_credentials' }, service)],
  ['a refresh', ({ refresh }) => post('token', { grant_type: 'refresh_token', refresh_token: refresh })],
  [
    'a code exchange',
    ({ code, verifier }) =>
      post('token', {
        grant_type: 'authorization_code',
        code,
        code_verifier: verifier,
        redirect_uri: app.registration.redirectUri,
      }),
  ],
  ['introspection', ({ own }) => post('introspect', { token: own }, service)],
  ['introspection of nonsense', () => post('introspect', { token: 'nonsense' }, service)],
  ['revocation', ({ refresh }) => post('revoke', { token: refresh })],
  ['revocation of nonsense', () => post('revoke', { token: 'nonsense' })],
  [
    'userinfo',
    ({ access }) =>
      timed(exchange(`${server.issuer}/oauth2/userinfo`, { headers: { authorization: `Bearer ${access}` } })),
  ],
  ['a pushed request', () => post('par', Object.fromEntries(app.begin().url.searchParams))],
  ['a device authorization', () => post('device_authorization', { client_id: 'album', scope: 'openid' })],
];

const browser = { accept: 'text/html', 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' };
const forPeople: [string, (had: Prepared) => Promise<Timed>][] = [
  ['an authorization request', () => timed(exchange(app.begin().url, { headers: browser }))],
  [
    'a sign-in page',
    ({ signInPage }) =>
      timed(exchange(signInPage.url, { headers: { ...browser, cookie: cookiesOf(signInPage.headers) } })),
  ],
];

function cookiesOf(headers: HttpResponse['headers']): string {
  return (headers['set-cookie'] ?? []).map((cookie) => cookie.split(';')[0]).join('; ');
}

describe.each([
  ['is away', () => proxy.refuse()],
  ['hangs', () => proxy.stall()],
])('while PostgreSQL %s', (_how, take) => {
  let had: Prepared;
  let answers: Map<string, Timed>;
  let admin: Timed;
  beforeAll(async () => {
    had = await prepare();
    take();
    await waitFor('it is not ready', async () => (await word()) === 'database');
    const asked = Promise.all(
      [...forPrograms, ...forPeople].map(
        async ([name, send]): Promise<[string, Timed]> => [name, await send(had)],
      ),
    );
    admin = await timed(
      exchange(`${server.issuer}/api/admin/v1/users`, {
        headers: { authorization: `Bearer ${had.adminToken}` },
      }),
    );
    answers = new Map(await asked);
  }, 60_000);
  afterAll(async () => {
    proxy.resume();
    await proxy.accept();
    await waitFor('it is ready again', async () => (await word()) === 'ready');
  }, 60_000);

  const answerTo = (name: string): Timed => {
    const answer = answers.get(name);
    if (answer === undefined) throw new Error(`nobody has asked for ${name}`);
    return answer;
  };

  it.each(forPrograms.map(([name]) => name))('%s is answered with 503 in five seconds', (name) => {
    const { status, headers, text, ms } = answerTo(name);
    expect(status).toBe(503);
    expect(JSON.parse(text)).toMatchObject({ error: 'temporarily_unavailable' });
    expect(headers).toMatchObject({ 'retry-after': '2', 'cache-control': 'no-store' });
    expect(headers['www-authenticate']).toBeUndefined();
    expect(ms).toBeLessThan(5000);
  });

  it.each(forPeople.map(([name]) => name))('%s gets a page that says so, in five seconds', (name) => {
    const { status, headers, text, ms } = answerTo(name);
    expect(status).toBe(503);
    expect(text).toContain('<h1>Not available right now</h1>');
    expect(headers).toMatchObject({ 'retry-after': '2', 'cache-control': 'no-store' });
    expect(headers.location).toBeUndefined();
    expect(ms).toBeLessThan(5000);
  });

  it('the admin API says so as problem+json', () => {
    expect(admin.status).toBe(503);
    expect(admin.headers).toMatchObject({ 'retry-after': '2', 'content-type': 'application/problem+json' });
    expect(JSON.parse(admin.text)).toMatchObject({ code: 'unavailable' });
    expect(admin.ms).toBeLessThan(5000);
  });

  it('the process is alive', async () => {
    await expect(exchange(`${server.issuer}/healthz`)).resolves.toMatchObject({ status: 200 });
  });
});

describe('after PostgreSQL was away', () => {
  it('nothing has happened of what was refused: the code, the refresh token and the access token are good', async () => {
    const had = await prepare();
    proxy.refuse();
    await waitFor('it is not ready', async () => (await word()) === 'database');
    const refused = await Promise.all(forPrograms.map(([, send]) => send(had)));
    expect(refused.map(({ status }) => status)).toEqual(forPrograms.map(() => 503));
    await proxy.accept();
    await waitFor('it is ready again', async () => (await word()) === 'ready', { within: 5000 });
    const wanted = forPrograms.filter(([name]) =>
      ['a code exchange', 'a refresh', 'userinfo'].includes(name),
    );
    const answers = await Promise.all(wanted.map(([, send]) => send(had)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  });
});
