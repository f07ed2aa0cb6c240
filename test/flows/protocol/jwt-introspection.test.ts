import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt, decodeProtectedHeader, generateKeyPair, SignJWT } from 'jose';
import * as client from 'openid-client';
import { type RunningGatehouse, startGatehouse } from '../../support/gatehouse.ts';
import { exchange } from '../../support/http.ts';
import { makePerson } from '../../support/person.ts';
import { type Account, type App, addAccount, registerApp, registerService } from './app.ts';
import { discover } from './library.ts';

const own = { skip_consent: true };
const inactive = { status: 200, body: { active: false } };

let server: RunningGatehouse;
let who: Account;
let app: App;
let other: App;
let guard: App;
beforeAll(async () => {
  server = await startGatehouse({ database: 'postgres' });
  who = await addAccount(server, 'person@example.org');
  [app, other] = [await registerApp(server, own), await registerApp(server, own)];
  guard = await registerService(server, { introspection_scope: 'any' });
});
afterAll(() => server.dispose());

async function tokensOf(some: App) {
  const { status, body } = await some.signIn(makePerson(server.issuer), who, {
    scope: 'openid account:read',
    resource: `${server.issuer}/api/account`,
  });
  expect(status).toBe(200);
  return {
    access: String(body.access_token),
    id: String(body.id_token),
    refresh: String(body.refresh_token),
  };
}

async function tokenOfService(changes: Record<string, unknown> = {}) {
  const service = await registerService(server, { scope: 'users:read', ...changes });
  const resource = `${server.issuer}/api/admin`;
  const { body } = await service.post('token', {
    grant_type: 'client_credentials',
    resource,
    scope: 'users:read',
  });
  return { service, access: String(body.access_token) };
}

const introspect = (asking: App, token: string, hint?: string) =>
  asking.post('introspect', { token, ...(hint === undefined ? {} : { token_type_hint: hint }) });

describe('introspection of an access token that nobody stores', () => {
  it('tells the app whose it is, and those who may know all, what the token says', async () => {
    const { access } = await tokensOf(app);
    const { iss, sub, client_id, aud, scope, jti, iat, exp } = decodeJwt(access);
    const told = { active: true, token_type: 'Bearer', iss, sub, client_id, aud, scope, jti, iat, exp };
    expect(told).toMatchObject({ sub: who.sub, client_id: app.registration.clientId, scope: 'account:read' });
    for (const asking of [app, guard]) {
      for (const hint of [undefined, 'access_token', 'refresh_token', 'nonsense']) {
        const answer = await introspect(asking, access, hint);
        expect(answer).toMatchObject({ status: 200, body: told });
        expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
        expect(answer.headers.get('cache-control')).toBe('no-store');
      }
    }
  });

  it('tells of the token that a service got for itself', async () => {
    const { service, access } = await tokenOfService();
    const { clientId } = service.registration;
    const told = { active: true, sub: clientId, client_id: clientId, scope: 'users:read' };
    for (const asking of [service, guard])
      await expect(introspect(asking, access)).resolves.toMatchObject({ body: told });
  });

  it('is understood by a library', async () => {
    const { access } = await tokensOf(app);
    const answer = await client.tokenIntrospection(await discover(server, guard), access);
    expect(answer).toMatchObject({ active: true, sub: who.sub, aud: `${server.issuer}/api/account` });
  });

  it('tells nobody else: not another app, and not a public one, which proves nothing', async () => {
    const open = await registerApp(server, { ...own, token_endpoint_auth_method: 'none' });
    const [mine, theirs] = [await tokensOf(app), await tokensOf(open)];
    const { access: ofService } = await tokenOfService();
    for (const token of [mine.access, ofService]) {
      await expect(introspect(other, token)).resolves.toMatchObject(inactive);
      expect((await introspect(other, token)).body).toEqual({ active: false });
    }
    expect((await introspect(open, theirs.access)).body).toEqual({ active: false });
  });

  it('says that the token is bound to a key, and to which', async () => {
    const library = await discover(server, app);
    const proofs = client.getDPoPHandle(library, await client.randomDPoPKeyPair());
    const attempt = app.begin({ scope: 'openid account:read', resource: `${server.issuer}/api/account` });
    const person = makePerson(server.issuer);
    await person.visit(attempt.url);
    const back = await person.signIn(who);
    const tokens = await client.authorizationCodeGrant(
      library,
      back.url,
      { pkceCodeVerifier: attempt.verifier, expectedState: attempt.state, expectedNonce: attempt.nonce },
      undefined,
      { DPoP: proofs },
    );
    const { cnf } = decodeJwt(tokens.access_token);
    expect(cnf).toEqual({ jkt: expect.any(String) });
    await expect(introspect(app, tokens.access_token)).resolves.toMatchObject({
      body: { active: true, token_type: 'DPoP', cnf },
    });
  });

  it('wants to know who asks, before it looks at the token', async () => {
    const { access } = await tokensOf(app);
    const ask = (authorization?: string) =>
      exchange(`${server.issuer}/oauth2/introspect`, {
        method: 'POST',
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          ...(authorization === undefined ? {} : { authorization }),
        },
        body: new URLSearchParams({ token: access }).toString(),
      });
    await expect(ask()).resolves.toMatchObject({ status: 400 });
    const guess = `Basic ${btoa(`${app.registration.clientId}:guess`)}`;
    const answer = await ask(guess);
    expect(answer).toMatchObject({ status: 401 });
    expect(answer.text).not.toContain('active');
  });

  it('of what is not one, alive and ours, says no more than that it is not active', async () => {
    const { access, id } = await tokensOf(app);
    const [, payload = '', signature = ''] = access.split('.');
    const claims = decodeJwt(access);
    const header = decodeProtectedHeader(access);
    const recode = (changes: object) =>
      Buffer.from(JSON.stringify({ ...header, ...changes })).toString('base64url');
    const { privateKey } = await generateKeyPair('ES256');
    const foreign = (changes: object) =>
      new SignJWT({ ...claims, ...changes })
        .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: String(header.kid) })
        .sign(privateKey);
    const { text } = await exchange(`${server.issuer}/oauth2/jwks`);
    const signing = `${recode({ alg: 'HS256' })}.${payload}`;
    const symmetric = createHmac('sha256', text).update(signing).digest('base64url');
    const bad = [
      id,
      `${recode({ alg: 'none' })}.${payload}.`,
      `${recode({ alg: 'none' })}.${payload}.${signature}`,
      `${signing}.${symmetric}`,
      `${recode({ typ: 'JWT' })}.${payload}.${signature}`,
      await foreign({}),
      await foreign({ iss: 'https://other.example' }),
      await foreign({ exp: 1 }),
      `${access}.`,
      `${access} `,
      `${access}.${access}`,
      access.replace(payload, ''),
      `${recode({})}..`,
      'eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4R0NNIn0....',
      'e30',
      'e30.e30.e30',
    ];
    for (const token of bad) {
      for (const asking of [app, guard]) {
        const { status, body } = await introspect(asking, token);
        expect([token, status, body]).toEqual([token, 200, { active: false }]);
      }
    }
    await expect(introspect(app, access)).resolves.toMatchObject({ body: { active: true } });
  });

  it('is no refusal: nothing of it stands in the audit log or in the metrics of refusals', async () => {
    const refusals = async () => {
      const { text } = await exchange(`${server.managementUrl}/metrics`);
      return text.split('\n').filter((line) => line.includes('unsupported_token_type'));
    };
    const { access } = await tokensOf(app);
    await introspect(app, access);
    await introspect(other, access);
    await expect(refusals()).resolves.toEqual([]);
    expect(server.output()).not.toContain('unsupported_token_type');
  });

  it('is offered by the metadata', async () => {
    const { text } = await exchange(`${server.issuer}/.well-known/oauth-authorization-server`);
    expect(JSON.parse(text)).toMatchObject({
      jwt_access_token_introspection_supported: true,
      jwt_access_token_revocation_supported: true,
    });
  });
});
