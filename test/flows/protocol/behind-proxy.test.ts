import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createLocalJWKSet, jwtVerify } from 'jose';
import pg from 'pg';
import { accountPage, basic, makeRelyingParty } from '../../support/relying-party.ts';
import { type ProxiedGatehouse, proxiedIssuer, startBehindProxy } from './behind-proxy.ts';

let proxied: ProxiedGatehouse;
beforeAll(async () => {
  proxied = await startBehindProxy();
});
afterAll(() => proxied.server.dispose());

const form = { 'content-type': 'application/x-www-form-urlencoded' };

async function readJson(path: string) {
  const { status, text } = await proxied.send(path, { headers: { accept: 'application/json' } });
  expect(status).toBe(200);
  return JSON.parse(text);
}

describe('a production server behind a proxy that ends https', () => {
  it('knows itself by its issuer, whatever the request looks like', async () => {
    const metadata = await readJson('/.well-known/openid-configuration');
    expect(metadata.issuer).toBe(proxiedIssuer);
    for (const [name, value] of Object.entries(metadata))
      if (/_endpoint$|_uri$/.test(name)) expect(value).toMatch(/^https:\/\/id\.example\.org\//);
    const forged = await proxied.send('/.well-known/openid-configuration', {
      headers: { 'x-forwarded-proto': 'http', 'x-forwarded-port': '80', forwarded: 'host=evil.example' },
    });
    expect(JSON.parse(forged.text)).toEqual(metadata);
  });

  it('signs a person in over https, with cookies that only https has', async () => {
    const browser = proxied.openBrowser();
    const app = makeRelyingParty(proxied.issuer, accountPage(proxied.issuer));
    const attempt = app.begin();
    const { email: username, password } = proxied.server.bootstrap;
    const { url } = await browser.submit(await browser.visit(attempt.url), { username, password });
    expect(url.href).toMatch(/^https:\/\/id\.example\.org\/account\?code=/);
    expect(url.searchParams.get('iss')).toBe(proxiedIssuer);
    expect(browser.jar.get('__Host-gatehouse_session')).toMatchObject({
      secure: true,
      httpOnly: true,
      path: '/',
    });
    const redeemed = await proxied.send('/oauth2/token', {
      method: 'POST',
      headers: form,
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        client_id: 'gatehouse-account',
        code: url.searchParams.get('code') ?? '',
        code_verifier: attempt.verifier,
        redirect_uri: `${proxiedIssuer}/account`,
      }).toString(),
    });
    expect(redeemed.status).toBe(200);
    const { id_token: idToken } = JSON.parse(redeemed.text);
    const keys = createLocalJWKSet(await readJson('/oauth2/jwks'));
    await expect(jwtVerify(idToken, keys, { issuer: proxiedIssuer })).resolves.toMatchObject({
      payload: { aud: 'gatehouse-account' },
    });
    const out = await browser.submit(await browser.visit(`/oauth2/logout?id_token_hint=${idToken}`), {
      logout: 'yes',
    });
    expect(out.answer?.text).toContain('You are signed out');
    expect(browser.jar.get('__Host-gatehouse_session')).toBeUndefined();
  });

  it('gives its service client a token that opens the admin API', async () => {
    const { clientId, clientSecret } = proxied.server.bootstrap;
    const made = await proxied.send('/oauth2/token', {
      method: 'POST',
      headers: { ...form, authorization: basic(clientId, clientSecret) },
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        resource: `${proxiedIssuer}/api/admin`,
        scope: 'users:read',
      }).toString(),
    });
    const { access_token: token } = JSON.parse(made.text);
    const answer = await proxied.send('/api/admin/v1/users', {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(answer.status).toBe(200);
  });

  it('tells browsers to come over https only, on every answer', async () => {
    for (const path of ['/account', '/oauth2/jwks', '/nowhere', '/oauth2/userinfo', '/healthz']) {
      const { headers } = await proxied.send(path);
      const [, age = ''] = /^max-age=(\d+)/.exec(String(headers['strict-transport-security'])) ?? [];
      expect(Number(age)).toBeGreaterThanOrEqual(31_536_000);
    }
  });

  it('answers no other host name, and sends nobody there', async () => {
    for (const host of [
      'evil.example',
      'id.example.org.evil.example',
      'localhost',
      '127.0.0.1',
      'id.example.org:8080',
      '',
    ]) {
      const answer = await proxied.send('/account', { headers: { host } });
      expect([400, 421]).toContain(answer.status);
      expect(answer.headers).not.toHaveProperty('location');
      expect(answer.text).not.toContain('evil.example');
    }
    const forwarded = await proxied.send('/account', { headers: { 'x-forwarded-host': 'evil.example' } });
    expect(forwarded.status).toBe(421);
  });

  it("writes down the person's address, as the nearest proxy saw it", async () => {
    const browser = proxied.openBrowser();
    const app = makeRelyingParty(proxied.issuer, accountPage(proxied.issuer));
    await browser.submit(await browser.visit(app.begin().url), { username: 'nobody', password: 'nothing' });
    await proxied.send('/oauth2/userinfo', {
      headers: { 'x-forwarded-for': '10.0.0.1, 203.0.113.9, 198.51.100.4' },
    });
    if (proxied.server.database === 'embedded') throw new Error('not on PostgreSQL');
    const database = new pg.Client({ connectionString: proxied.server.database.superuserUrl });
    await database.connect();
    const { rows } = await database.query<{ type: string; ip: string }>(
      `select type, ip from audit_event where ip is not null order by id desc limit 2`,
    );
    await database.end();
    expect(rows).toEqual([
      { type: 'protocol.error', ip: '198.51.100.4' },
      { type: 'signin.failed', ip: '192.0.2.7' },
    ]);
  });

  it('has no mailbox, and no page for the first administrator once there is one', async () => {
    for (const path of ['/dev/mailbox', '/dev/mailbox.json', '/first-admin?token=x'])
      expect((await proxied.send(path)).status).toBe(404);
  });
});
