import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import * as client from 'openid-client';
import { type RunningGatehouse, startGatehouse } from '../../support/gatehouse.ts';
import { exchange } from '../../support/http.ts';
import { makePerson } from '../../support/person.ts';
import { basic } from '../../support/relying-party.ts';
import { type Account, type App, addAccount, registerApp, registerService, sentBack } from './app.ts';
import { discover } from './library.ts';

let server: RunningGatehouse;
let who: Account;
beforeAll(async () => {
  server = await startGatehouse({ database: 'postgres' });
  who = await addAccount(server, 'person@example.org');
});
afterAll(() => server.dispose());

const own = { skip_consent: true };
const invalidGrant = { status: 400, body: { error: 'invalid_grant' } };

async function tokensOf(app: App, extra: Record<string, string> = {}) {
  const { status, body } = await app.signIn(makePerson(server.issuer), who, extra);
  expect(status).toBe(200);
  return {
    access: String(body.access_token),
    refresh: String(body.refresh_token),
    id: String(body.id_token),
    body,
  };
}

describe('a refresh token', () => {
  it.each([
    ['a confidential app', {}],
    ['a public app', { token_endpoint_auth_method: 'none' }],
  ])('of %s is replaced at every use', async (_, metadata) => {
    const app = await registerApp(server, { ...own, ...metadata });
    let { refresh } = await tokensOf(app);
    const seen = new Set([refresh]);
    for (let use = 0; use < 4; use += 1) {
      const { status, body } = await app.refresh(refresh);
      expect(status).toBe(200);
      refresh = String(body.refresh_token);
      expect(seen.has(refresh)).toBe(false);
      seen.add(refresh);
      expect(decodeJwt(String(body.id_token)).sub).toBe(who.sub);
      await expect(app.userinfo(String(body.access_token))).resolves.toMatchObject({ status: 200 });
    }
  });

  it('that is used a second time takes back everything that came of it', async () => {
    const app = await registerApp(server, own);
    const first = await tokensOf(app);
    const second = await app.refresh(first.refresh);
    const third = await app.refresh(String(second.body.refresh_token));
    expect(third.status).toBe(200);
    await expect(app.refresh(first.refresh)).resolves.toMatchObject(invalidGrant);
    await expect(app.refresh(String(third.body.refresh_token))).resolves.toMatchObject(invalidGrant);
    for (const token of [first.access, third.body.access_token, third.body.refresh_token])
      await expect(app.post('introspect', { token: String(token) })).resolves.toMatchObject({
        body: { active: false },
      });
  });

  it('in the hands of another app gives nothing, and ends for its own, since it has leaked', async () => {
    const [app, other] = [await registerApp(server, own), await registerApp(server, own)];
    const { refresh } = await tokensOf(app);
    await expect(other.refresh(refresh)).resolves.toMatchObject(invalidGrant);
    await expect(app.refresh(refresh)).resolves.toMatchObject(invalidGrant);
  });

  it('gives less than was agreed when less is asked for, and never more', async () => {
    const app = await registerApp(server, own);
    const { refresh } = await tokensOf(app, { scope: 'openid profile' });
    const wider = await app.refresh(refresh, { scope: 'openid profile email' });
    expect(wider).toMatchObject({ status: 400, body: { error: 'invalid_scope' } });
    await expect(app.refresh(refresh, { scope: 'openid' })).resolves.toMatchObject({
      status: 200,
      body: { scope: 'openid' },
    });
  });

  it('comes only to an app that is registered for it', async () => {
    const app = await registerApp(server, { ...own, grant_types: ['authorization_code'] });
    const { body } = await tokensOf(app, { scope: 'openid offline_access', prompt: 'consent' });
    expect(body).not.toHaveProperty('refresh_token');
  });
});

describe('client credentials', () => {
  const scope = 'users:read clients:read';

  it('with a resource give a JWT for that resource alone, by RFC 9068', async () => {
    const service = await registerService(server, { scope });
    const library = await discover(server, service);
    const resource = `${server.issuer}/api/admin`;
    const tokens = await client.clientCredentialsGrant(library, { resource, scope: 'users:read' });
    expect(tokens).toMatchObject({ token_type: 'bearer', expires_in: 600, scope: 'users:read' });
    const keys = createRemoteJWKSet(new URL(`${server.issuer}/oauth2/jwks`));
    const { payload, protectedHeader } = await jwtVerify(tokens.access_token, keys);
    expect(protectedHeader).toEqual({ alg: 'ES256', typ: 'at+jwt', kid: expect.any(String) });
    const { clientId } = service.registration;
    expect(payload).toEqual({
      iss: server.issuer,
      aud: resource,
      sub: clientId,
      client_id: clientId,
      scope: 'users:read',
      jti: expect.stringMatching(/^[\w-]{20,}$/),
      iat: expect.any(Number),
      exp: Number(payload.iat) + 600,
      grant_ref: expect.stringMatching(/^[\da-f-]{36}$/),
    });
    const again = await client.clientCredentialsGrant(library, { resource, scope: 'users:read' });
    expect(decodeJwt(again.access_token).jti).not.toBe(payload.jti);
  });

  it('without a resource give an opaque token', async () => {
    const service = await registerService(server, { scope });
    const { status, body } = await service.post('token', { grant_type: 'client_credentials' });
    expect(status).toBe(200);
    expect(body.access_token).toMatch(/^[\w-]{40,}$/);
    expect(body).not.toHaveProperty('refresh_token');
    expect(body).not.toHaveProperty('id_token');
    await expect(service.post('introspect', { token: String(body.access_token) })).resolves.toMatchObject({
      body: { active: true, client_id: service.registration.clientId },
    });
  });

  it('give nothing for a resource that there is not, or a scope that the service is not registered for', async () => {
    const service = await registerService(server, { scope });
    const ask = (parameters: Record<string, string>) =>
      service.post('token', { grant_type: 'client_credentials', ...parameters });
    for (const resource of [`${server.issuer}/api/nothing`, 'https://elsewhere.example', 'x', 'https://a#b'])
      await expect(ask({ resource })).resolves.toMatchObject({
        status: 400,
        body: { error: 'invalid_target' },
      });
    const resource = `${server.issuer}/api/admin`;
    const { body } = await ask({ resource, scope: 'users:read users:write keys:write' });
    expect(body.scope ?? '').toBe('users:read');
  });
});

describe('introspection', () => {
  it('tells an app about its own tokens, and nobody else who may not know', async () => {
    const [app, other] = [await registerApp(server, own), await registerApp(server, own)];
    const guard = await registerService(server, { introspection_scope: 'any' });
    const { access, refresh } = await tokensOf(app, { scope: 'openid email' });
    const told = {
      active: true,
      client_id: app.registration.clientId,
      sub: who.sub,
      scope: 'openid email',
      iss: server.issuer,
      exp: expect.any(Number),
    };
    for (const token of [access, refresh]) {
      for (const hint of ['access_token', 'refresh_token', 'nonsense', '']) {
        for (const asking of [app, guard])
          await expect(asking.post('introspect', { token, token_type_hint: hint })).resolves.toMatchObject({
            status: 200,
            body: told,
          });
      }
      const { body } = await other.post('introspect', { token });
      expect(body).toEqual({ active: false });
    }
  });

  it('wants to know who asks', async () => {
    const open = await registerApp(server, { ...own, token_endpoint_auth_method: 'none' });
    const { access } = await tokensOf(open);
    // A public app proves nothing, so it learns nothing.
    await expect(open.post('introspect', { token: access })).resolves.toMatchObject({
      body: { active: false },
    });
    const nobody = await exchange(`${server.issuer}/oauth2/introspect`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: `token=${access}`,
    });
    expect(nobody.status).toBe(400);
    const wrong = await exchange(`${server.issuer}/oauth2/introspect`, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        authorization: basic(open.registration.clientId, 'guess'),
      },
      body: `token=${access}`,
    });
    expect(wrong).toMatchObject({
      status: 401,
      headers: { 'www-authenticate': expect.stringMatching(/^Basic /) },
    });
  });
});

describe('revocation', () => {
  it('of a refresh token ends the access tokens, too, and is answered with nothing of no type', async () => {
    const app = await registerApp(server, own);
    const { access, refresh } = await tokensOf(app);
    const library = await discover(server, app);
    await client.tokenRevocation(library, refresh);
    const again = await app.post('revoke', { token: refresh });
    expect(again.status).toBe(200);
    expect(again.headers.get('content-type')).toBeNull();
    expect(again.headers.get('content-length')).toBe('0');
    expect(again.headers.get('cache-control')).toBe('no-store');
    await expect(app.refresh(refresh)).resolves.toMatchObject(invalidGrant);
    await expect(app.userinfo(access)).resolves.toMatchObject({ status: 401 });
  });

  it('of an access token ends it and what came with it (RFC 7009 2.1), but not the session', async () => {
    const app = await registerApp(server, own);
    const person = makePerson(server.issuer);
    const { body } = await app.signIn(person, who);
    await expect(app.post('revoke', { token: String(body.access_token) })).resolves.toMatchObject({
      status: 200,
    });
    await expect(app.userinfo(String(body.access_token))).resolves.toMatchObject({
      status: 401,
      body: { error: 'invalid_token' },
    });
    await expect(app.refresh(String(body.refresh_token))).resolves.toMatchObject(invalidGrant);
    expect(sentBack(await person.visit(app.begin({ prompt: 'none' }).url))).toHaveProperty('code');
  });

  it('of what is no token is answered as if it had been one', async () => {
    const app = await registerApp(server, own);
    for (const token of ['nothing', 'a'.repeat(43), `${'a'.repeat(43)}\n`])
      await expect(app.post('revoke', { token, token_type_hint: 'x' })).resolves.toMatchObject({
        status: 200,
      });
  });

  it('by a public app ends its own token, and nobody can end the token of another', async () => {
    const open = await registerApp(server, { ...own, token_endpoint_auth_method: 'none' });
    const others = [
      await registerApp(server, own),
      await registerApp(server, { ...own, token_endpoint_auth_method: 'none' }),
    ];
    const { refresh } = await tokensOf(open);
    for (const other of others) await other.post('revoke', { token: refresh });
    const { status, body } = await open.refresh(refresh);
    expect(status).toBe(200);
    await open.post('revoke', { token: String(body.refresh_token) });
    await expect(open.refresh(String(body.refresh_token))).resolves.toMatchObject(invalidGrant);
  });
});

describe('userinfo', () => {
  it('tells what the scopes allow, with JSON booleans, by GET and POST', async () => {
    const app = await registerApp(server, own);
    const { access } = await tokensOf(app, { scope: 'openid email roles' });
    const headers = { authorization: `Bearer ${access}` };
    const expected = { sub: who.sub, email: who.username, email_verified: true, roles: [] };
    for (const method of ['GET', 'POST']) {
      const answer = await exchange(`${server.issuer}/oauth2/userinfo`, { method, headers });
      expect(answer).toMatchObject({ status: 200, headers: { 'cache-control': 'no-store' } });
      expect(JSON.parse(answer.text)).toEqual(expected);
    }
    const plain = await tokensOf(app, { scope: 'openid' });
    await expect(app.userinfo(plain.access)).resolves.toMatchObject({ status: 200, body: { sub: who.sub } });
    expect(Object.keys((await app.userinfo(plain.access)).body)).toEqual(['sub']);
  });

  it('says false, not "false", of an address that was not verified', async () => {
    const app = await registerApp(server, own);
    const unsure = await addAccount(server, 'unsure@example.org', { email_verified: false });
    const { body } = await app.signIn(makePerson(server.issuer), unsure, { scope: 'openid email' });
    await expect(app.userinfo(String(body.access_token))).resolves.toMatchObject({
      body: { email_verified: false },
    });
  });

  it('takes a token without openid for one that lacks a scope', async () => {
    const app = await registerApp(server, own);
    const { access, body } = await tokensOf(app, { scope: 'profile', nonce: '' });
    expect(body).not.toHaveProperty('id_token');
    const answer = await app.userinfo(access);
    expect(answer).toMatchObject({ status: 403, body: { error: 'insufficient_scope' } });
  });
});

describe('an ID token', () => {
  it('is signed with a published key and says who, when, how and for whom', async () => {
    const app = await registerApp(server, own);
    const attempt = app.begin({ max_age: '600' });
    const person = makePerson(server.issuer);
    await person.visit(attempt.url);
    const left = await person.signIn(who);
    expect(sentBack(left)).toHaveProperty('code');
    const { body } = await app.redeem(attempt, left);
    const keys = createRemoteJWKSet(new URL(`${server.issuer}/oauth2/jwks`));
    const { payload, protectedHeader } = await jwtVerify(String(body.id_token), keys, {
      issuer: server.issuer,
      audience: app.registration.clientId,
    });
    expect(protectedHeader).toMatchObject({ alg: 'RS256', kid: expect.any(String) });
    expect(payload).toMatchObject({
      sub: who.sub,
      nonce: attempt.nonce,
      auth_time: expect.any(Number),
      exp: Number(payload.iat) + 600,
    });
  });

  it.each(['PS256', 'ES256', 'EdDSA'])(
    'is signed with %s for an app that is registered for it',
    async (algorithm) => {
      const app = await registerApp(server, { ...own, id_token_signed_response_alg: algorithm });
      const { id } = await tokensOf(app);
      expect(decodeProtectedHeader(id).alg).toBe(algorithm);
      const keys = createRemoteJWKSet(new URL(`${server.issuer}/oauth2/jwks`));
      await expect(jwtVerify(id, keys)).resolves.toMatchObject({ payload: { sub: who.sub } });
    },
  );
});
