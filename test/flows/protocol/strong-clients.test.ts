import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { exportJWK, generateKeyPair, type CryptoKey as SigningKey, SignJWT } from 'jose';
import * as client from 'openid-client';
import { type RunningGatehouse, startGatehouse } from '../../support/gatehouse.ts';
import { makePerson } from '../../support/person.ts';
import { makeRelyingParty, type TokenAnswer } from '../../support/relying-party.ts';
import {
  type Account,
  type App,
  addAccount,
  callback,
  registerApp,
  registerService,
  sentBack,
  shown,
} from './app.ts';
import { discover, finish, begin as libraryBegin } from './library.ts';

const jwtBearer = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

let server: RunningGatehouse;
let who: Account;
beforeAll(async () => {
  server = await startGatehouse({ database: 'postgres' });
  who = await addAccount(server, 'person@example.org');
});
afterAll(() => server.dispose());

const own = { skip_consent: true };
const endpoint = (name: string) => `${server.issuer}/oauth2/${name}`;

async function postForm(
  name: string,
  form: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<TokenAnswer> {
  const answer = await fetch(endpoint(name), { method: 'POST', headers, body: new URLSearchParams(form) });
  return { status: answer.status, headers: answer.headers, body: JSON.parse(await answer.text()) };
}

describe('an app with a key of its own', () => {
  let key: SigningKey;
  let app: App;
  let service: App;
  beforeAll(async () => {
    const pair = await generateKeyPair('ES256');
    key = pair.privateKey;
    const jwks = { keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'own', use: 'sig', alg: 'ES256' }] };
    const strong = { ...own, token_endpoint_auth_method: 'private_key_jwt', jwks };
    app = await registerApp(server, strong);
    service = await registerService(server, strong);
  });

  const assertion = (changes: Record<string, unknown> = {}, algorithm = 'ES256') => {
    const { clientId } = service.registration;
    const now = Math.floor(Date.now() / 1000);
    return new SignJWT({
      iss: clientId,
      sub: clientId,
      aud: server.issuer,
      jti: randomUUID(),
      iat: now,
      exp: now + 60,
      ...changes,
    })
      .setProtectedHeader({ alg: algorithm, kid: 'own' })
      .sign(key);
  };

  const ask = (client_assertion: string, extra: Record<string, string> = {}) =>
    postForm('token', {
      grant_type: 'client_credentials',
      client_assertion_type: jwtBearer,
      client_assertion,
      ...extra,
    });

  it('signs a person in with openid-client', async () => {
    const library = await discover(server, app, client.PrivateKeyJwt({ key, kid: 'own' }));
    const began = await libraryBegin(library, app);
    const person = makePerson(server.issuer);
    await person.visit(began.url);
    const tokens = await finish(library, began, await person.signIn(who));
    expect(tokens.claims()?.sub).toBe(who.sub);
    const refreshed = await client.refreshTokenGrant(library, tokens.refresh_token ?? '');
    const told = await client.tokenIntrospection(library, refreshed.access_token);
    expect(told).toMatchObject({ active: true, sub: who.sub });
    await client.tokenRevocation(library, refreshed.refresh_token ?? '');
    await expect(client.tokenIntrospection(library, refreshed.access_token)).resolves.toEqual({
      active: false,
    });
  });

  it('may say that the issuer, the token endpoint or the endpoint itself is meant', async () => {
    for (const aud of [server.issuer, endpoint('token'), [server.issuer, endpoint('token')]])
      await expect(ask(await assertion({ aud }))).resolves.toMatchObject({ status: 200 });
    const introspected = await postForm('introspect', {
      token: 'x',
      client_assertion_type: jwtBearer,
      client_assertion: await assertion({ aud: endpoint('introspect') }),
    });
    expect(introspected).toMatchObject({ status: 200, body: { active: false } });
  });

  it('proves itself once with each assertion, however many come at the same moment', async () => {
    const once = await assertion();
    const answers = await Promise.all(Array.from({ length: 8 }, () => ask(once)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    for (const { status, body } of answers.filter((answer) => answer.status !== 200))
      expect({ status, error: body.error }).toEqual({ status: 401, error: 'invalid_client' });
  });

  it.each<[string, Record<string, unknown>]>([
    ['for somebody else', { aud: 'https://elsewhere.example' }],
    ['for nobody', { aud: undefined }],
    ['of another client', { iss: 'nobody', sub: 'nobody' }],
    ['of one client about another', { iss: 'test-operator' }],
    ['that has expired', { exp: Math.floor(Date.now() / 1000) - 60 }],
    ['without an end', { exp: undefined }],
    ['without an id', { jti: undefined }],
    ['that is not valid yet', { nbf: Math.floor(Date.now() / 1000) + 600 }],
  ])('does not prove itself with an assertion %s', async (_, changes) => {
    const { status, body } = await ask(await assertion(changes));
    expect({ status, error: body.error }).toEqual({ status: 401, error: 'invalid_client' });
  });

  it('does not prove itself by another way, with another key, or by naming itself', async () => {
    const { clientId } = service.registration;
    const { privateKey } = await generateKeyPair('ES256');
    const foreign = await new SignJWT({ iss: clientId, sub: clientId, aud: server.issuer, jti: randomUUID() })
      .setProtectedHeader({ alg: 'ES256', kid: 'own' })
      .setExpirationTime('1m')
      .sign(privateKey);
    const unsigned = `${btoa('{"alg":"none"}')}.${(await assertion()).split('.')[1]}.`.replaceAll('=', '');
    const refused = [
      await ask(foreign),
      await ask(unsigned),
      await postForm('token', { grant_type: 'client_credentials', client_id: clientId }),
      await postForm('token', { grant_type: 'client_credentials', client_id: clientId, client_secret: 'x' }),
    ];
    for (const { status, body } of refused)
      expect({ status, error: body.error }).toEqual({ status: 401, error: 'invalid_client' });
  });
});

describe('a pushed authorization request', () => {
  it('signs a person in with openid-client, by a URL that says nothing', async () => {
    const app = await registerApp(server, { require_pushed_authorization_requests: true });
    const library = await discover(server, app);
    const { url, checks } = await libraryBegin(library, app, { scope: 'openid email' });
    const pushed = await client.buildAuthorizationUrlWithPAR(library, url.searchParams);
    expect([...pushed.searchParams.keys()].sort()).toEqual(['client_id', 'request_uri']);
    const person = makePerson(server.issuer);
    await person.visit(pushed);
    await person.signIn(who);
    const left = await person.submit({}, { button: 'allow' });
    const tokens = await finish(library, { url, checks }, left);
    expect(tokens).toMatchObject({ scope: 'openid email' });
    // It is good for one sign-in.
    const again = shown(await person.visit(pushed));
    expect(again).toMatchObject({ status: 400, text: expect.stringContaining('invalid_request_uri') });
  });

  it('is answered with 201, a lifetime, and nothing to keep', async () => {
    const app = await registerApp(server, own);
    const { status, headers, body } = await app.post('par', Object.fromEntries(app.begin().url.searchParams));
    expect(status).toBe(201);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(body).toEqual({
      expires_in: 60,
      request_uri: expect.stringMatching(/^urn:ietf:params:oauth:request_uri:[\w-]{20,}$/),
    });
  });

  it('is the only way in for an app that is registered so', async () => {
    const app = await registerApp(server, { ...own, require_pushed_authorization_requests: true });
    const attempt = app.begin();
    const answer = sentBack(await makePerson(server.issuer).visit(attempt.url));
    expect(answer).toMatchObject({ error: 'invalid_request', state: attempt.state });
  });

  it('is bound to the app that pushed it, and checked when it is pushed', async () => {
    const [app, other] = [await registerApp(server, own), await registerApp(server, own)];
    const parameters = Object.fromEntries(app.begin().url.searchParams);
    const { body } = await app.post('par', parameters);
    const stolen = new URLSearchParams({
      client_id: other.registration.clientId,
      request_uri: String(body.request_uri),
    });
    const page = shown(await makePerson(server.issuer).visit(`/oauth2/authorize?${stolen.toString()}`));
    expect(page.status).toBe(400);
    const faults: [Record<string, string>, string][] = [
      [{ redirect_uri: 'https://evil.example/' }, 'invalid_request'],
      [{ response_type: 'token' }, 'unsupported_response_type'],
      [{ scope: 'openid "' }, 'invalid_scope'],
      [{ code_challenge: '' }, 'invalid_request'],
      [{ request_uri: 'urn:ietf:params:oauth:request_uri:x' }, 'request_uri_not_supported'],
    ];
    for (const [fault, error] of faults)
      await expect(app.post('par', { ...parameters, ...fault })).resolves.toMatchObject({
        status: 400,
        body: { error },
      });
  });
});

describe('a token that is bound to a key by DPoP', () => {
  it('comes to openid-client and opens userinfo with a proof of that key only', async () => {
    const app = await registerApp(server, { ...own, dpop_bound_access_tokens: true });
    const library = await discover(server, app);
    const began = await libraryBegin(library, app);
    const person = makePerson(server.issuer);
    await person.visit(began.url);
    const left = await person.signIn(who);
    const proof = client.getDPoPHandle(library, await client.randomDPoPKeyPair('ES256'));
    const tokens = await client.authorizationCodeGrant(library, left.url, began.checks, undefined, {
      DPoP: proof,
    });
    expect(tokens.token_type).toBe('dpop');
    const claims = await client.fetchUserInfo(library, tokens.access_token, who.sub, { DPoP: proof });
    expect(claims.sub).toBe(who.sub);
    await expect(app.userinfo(tokens.access_token)).resolves.toMatchObject({
      status: 401,
      body: { error: 'invalid_token' },
    });
    const thief = client.getDPoPHandle(library, await client.randomDPoPKeyPair('ES256'));
    await expect(
      client.fetchUserInfo(library, tokens.access_token, who.sub, { DPoP: thief }),
    ).rejects.toMatchObject({ status: 401 });
  });

  it('names the key in a JWT for an API, which the admin API does not take without a proof', async () => {
    const service = await registerService(server, { scope: 'users:read' });
    const library = await discover(server, service);
    const proof = client.getDPoPHandle(library, await client.randomDPoPKeyPair('ES256'));
    const resource = `${server.issuer}/api/admin`;
    const tokens = await client.clientCredentialsGrant(
      library,
      { resource, scope: 'users:read' },
      { DPoP: proof },
    );
    const [, payload = ''] = tokens.access_token.split('.');
    expect(JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/')))).toMatchObject({
      cnf: { jkt: expect.stringMatching(/^[\w-]{43}$/) },
    });
    const answer = await fetch(`${server.issuer}/api/admin/v1/users`, {
      headers: { authorization: `Bearer ${tokens.access_token}` },
    });
    expect(answer.status).toBe(401);
  });

  it('is not given for a proof that is no proof', async () => {
    const service = await registerService(server);
    const library = await discover(server, service);
    const keys = await client.randomDPoPKeyPair('ES256');
    const jwk = await exportJWK(keys.publicKey);
    const make = (changes: Record<string, unknown>, header: Record<string, unknown> = {}) =>
      new SignJWT({ htm: 'POST', htu: endpoint('token'), jti: randomUUID(), ...changes })
        .setIssuedAt(typeof changes.iat === 'number' ? changes.iat : undefined)
        .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk, ...header })
        .sign(keys.privateKey);
    const bad = [
      'nonsense',
      await make({ htm: 'GET' }),
      await make({ htu: endpoint('par') }),
      await make({ jti: undefined }),
      await make({ iat: Math.floor(Date.now() / 1000) - 600 }),
      await make({}, { typ: 'JWT' }),
      await make({}, { jwk: undefined }),
    ];
    const { clientId, clientSecret = '' } = service.registration;
    const ask = (dpop: string) =>
      postForm(
        'token',
        { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret },
        { dpop },
      );
    for (const dpop of bad)
      await expect(ask(dpop)).resolves.toMatchObject({ status: 400, body: { error: 'invalid_dpop_proof' } });
    const once = await make({});
    const answers = await Promise.all(Array.from({ length: 8 }, () => ask(once)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(library.serverMetadata().dpop_signing_alg_values_supported).toContain('ES256');
  });
});

describe('an app that cannot do PKCE', () => {
  it('signs people in when an operator has exempted it, and may still use PKCE', async () => {
    const app = await registerApp(server, { ...own, require_pkce: false });
    const without = { code_challenge: '', code_challenge_method: '' };
    const attempt = app.begin(without);
    const person = makePerson(server.issuer);
    await person.visit(attempt.url);
    const left = await person.signIn(who);
    const withVerifier = await app.redeem(attempt, left);
    expect(withVerifier).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    const second = app.begin(without);
    const { registration } = app;
    const plain = makeRelyingParty(server.issuer, registration);
    const { code = '' } = sentBack(await person.visit(second.url));
    const answer = await plain.post('token', {
      grant_type: 'authorization_code',
      code,
      redirect_uri: callback,
    });
    expect(answer.status).toBe(200);
    await expect(app.signIn(person, who)).resolves.toMatchObject({ status: 200 });
  });

  it('is refused otherwise, as is every method but S256', async () => {
    const app = await registerApp(server, own);
    for (const fault of [
      { code_challenge: '', code_challenge_method: '' },
      { code_challenge_method: 'plain' },
      { code_challenge_method: '' },
      { code_challenge: 'short' },
      { code_challenge: `${'a'.repeat(42)}!` },
    ]) {
      const answer = sentBack(await makePerson(server.issuer).visit(app.begin(fault).url));
      expect(answer).toMatchObject({ error: 'invalid_request' });
    }
  });

  it('cannot be a public one', async () => {
    const answer = await server.admin('POST', 'clients', {
      redirect_uris: [callback],
      token_endpoint_auth_method: 'none',
      require_pkce: false,
    });
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ field: 'require_pkce' }] } });
  });
});
