import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as client from 'openid-client';
import { type RunningGatehouse, startGatehouse } from '../../support/gatehouse.ts';
import { exchange } from '../../support/http.ts';
import { makePerson } from '../../support/person.ts';
import { accountPage, makeRelyingParty } from '../../support/relying-party.ts';
import { type Account, addAccount, callback, registerApp, sentBack, shown } from './app.ts';
import { begin, discover, finish } from './library.ts';

let server: RunningGatehouse;
let who: Account;
beforeAll(async () => {
  server = await startGatehouse({ database: 'postgres', issuerPath: '/auth' });
  who = await addAccount(server, 'person@example.org');
});
afterAll(() => server.dispose());

const origin = () => new URL(server.issuer).origin;
const get = (path: string) => exchange(origin() + path, { headers: { accept: 'text/html' } });

describe('an issuer with a path', () => {
  it('has its metadata at every place where the specifications look for it', async () => {
    const paths = [
      // OIDC Discovery 4: appended. RFC 8414 3.1: put before the path.
      '/auth/.well-known/openid-configuration',
      '/auth/.well-known/oauth-authorization-server',
      '/.well-known/oauth-authorization-server/auth',
    ];
    const documents = await Promise.all(paths.map(get));
    for (const { status, text } of documents) {
      expect(status).toBe(200);
      expect(JSON.parse(text)).toEqual(JSON.parse(documents[0]?.text ?? ''));
      expect(JSON.parse(text).issuer).toBe(`${origin()}/auth`);
    }
    for (const [name, value] of Object.entries(JSON.parse(documents[0]?.text ?? '')))
      if (/_endpoint$|_uri$/.test(name)) expect(value).toMatch(new RegExp(`^${origin()}/auth/`));
    for (const elsewhere of [
      '/.well-known/openid-configuration',
      '/.well-known/oauth-authorization-server/other',
    ])
      expect((await get(elsewhere)).status).toBe(404);
  });

  it('signs a person in with openid-client, which finds everything by the issuer alone', async () => {
    const app = await registerApp(server);
    const library = await discover(server, app);
    const began = await begin(library, app, { scope: 'openid email' });
    const person = makePerson(server.issuer);
    await person.visit(began.url);
    expect(person.page().url.pathname).toMatch(/^\/auth\/interaction\//);
    await person.signIn(who);
    const tokens = await finish(library, began, await person.submit({}, { button: 'allow' }));
    expect(tokens.claims()).toMatchObject({ iss: `${origin()}/auth`, sub: who.sub });
    const refreshed = await client.refreshTokenGrant(library, tokens.refresh_token ?? '');
    await expect(client.fetchUserInfo(library, refreshed.access_token, who.sub)).resolves.toMatchObject({
      email: who.username,
    });
  });

  it('keeps the cookies of a sign-in below its path', async () => {
    const app = await registerApp(server);
    const person = makePerson(server.issuer);
    await person.visit(app.begin().url);
    const paths = Object.fromEntries(person.jar.all().map(({ name, path }) => [name, path]));
    const uid = /interaction\/([\w-]+)/.exec(person.page().url.href)?.[1];
    expect(paths).toMatchObject({
      gatehouse_interaction: `/auth/interaction/${uid}`,
      gatehouse_resume: `/auth/oauth2/authorize/${uid}`,
    });
  });

  it('leads nowhere but below its path, on every page and with every asset', async () => {
    for (const path of [
      '/auth/',
      '/auth/account',
      '/auth/device',
      '/auth/oauth2/logout',
      '/auth/nowhere',
      '/auth/dev/mailbox',
    ]) {
      const { text } = await get(path);
      const addresses = [...text.matchAll(/(?:href|src|action)="([^"#]+)"/g)].map(
        ([, address = '']) => address,
      );
      expect(addresses.length).toBeGreaterThan(0);
      for (const address of addresses)
        expect(new URL(address, origin()).href).toMatch(new RegExp(`^${origin()}/auth(?:/|$)`));
      for (const address of addresses.filter((each) => each.includes('/assets/')))
        expect((await get(address)).status).toBe(200);
    }
  });

  it('serves the modules of the account page that import each other', async () => {
    const { text } = await get('/auth/account');
    const [, main = ''] = /<script type="module" src="([^"]+)"/.exec(text) ?? [];
    const pending = [main];
    const seen = new Set<string>();
    for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
      if (seen.has(path)) continue;
      seen.add(path);
      const { status, headers, text: code } = await get(path);
      expect({ path, status, type: headers['content-type'] }).toEqual({
        path,
        status: 200,
        type: 'text/javascript; charset=utf-8',
      });
      for (const [, imported = ''] of code.matchAll(/\bfrom ['"](\.[^'"]+)['"]/g))
        pending.push(new URL(imported, origin() + path).pathname);
    }
    expect(seen.size).toBeGreaterThan(4);
  });

  it('has an account page that is its client, a sign-out, a device page and an admin API below it', async () => {
    const person = makePerson(server.issuer);
    const app = makeRelyingParty(server.issuer, accountPage(server.issuer));
    const { status } = await app.signIn(person, who);
    expect(status).toBe(200);
    expect(shown(await person.visit('/auth/device')).text).toContain('Connect a device');
    await person.visit('/auth/oauth2/logout');
    expect(shown(await person.submit({}, { button: 'yes' })).text).toContain('You are signed out');
    await expect(server.admin('GET', 'users')).resolves.toMatchObject({ status: 200 });
    expect((await get('/api/admin/v1/users')).status).toBe(404);
  });

  it('answers nothing outside of its path but whether it is alive', async () => {
    for (const path of [
      '/',
      '/account',
      '/oauth2/authorize',
      '/oauth2/jwks',
      '/device',
      '/authx',
      '/auth2/account',
    ])
      expect({ path, status: (await get(path)).status }).toEqual({ path, status: 404 });
    expect((await get('/healthz')).status).toBe(200);
  });

  it('gives errors to an app with its own name in them', async () => {
    const app = await registerApp(server, { skip_consent: true });
    const answer = sentBack(await makePerson(server.issuer).visit(app.begin({ prompt: 'none' }).url));
    expect(answer).toMatchObject({ error: 'login_required', iss: `${origin()}/auth` });
    const wrong = shown(
      await makePerson(server.issuer).visit(app.begin({ redirect_uri: `${callback}/x` }).url),
    );
    expect(wrong.status).toBe(400);
  });
});
