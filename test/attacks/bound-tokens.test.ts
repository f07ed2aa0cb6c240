import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { registerApp } from '../flows/protocol/app.ts';
import { boundToken, makeProofKey, type ProofChanges, type ProofKey } from '../support/bound-token.ts';
import { makePerson } from '../support/person.ts';
import { type Attacked, startAttacked } from './fixture.ts';

const algs = 'algs="ES256 EdDSA Ed25519 PS256"';

describe('a token that is bound to a key, at our own APIs (RFC 9449 7.1)', () => {
  let attacked: Attacked;
  let key: ProofKey;
  let token: string;
  beforeAll(async () => {
    attacked = await startAttacked();
    key = await makeProofKey();
    token = await boundToken(attacked.servers[0], key, 'users:read');
  });
  afterAll(() => attacked.dispose());

  const path = '/api/admin/v1/users';
  const proofFor = (changes?: ProofChanges, by = key) =>
    by.prove({ method: 'GET', url: `${attacked.issuer}${path}`, token }, changes);
  const ask = (headers: Record<string, string>, process: 0 | 1 = 0, at = path) =>
    attacked.send(at, { headers, process });
  const dpop = (proof: string, presented = token) => ({ authorization: `DPoP ${presented}`, dpop: proof });
  const expectRefused = async (headers: Record<string, string>, error: string, process: 0 | 1 = 0) => {
    const { status, headers: answered } = await ask(headers, process);
    expect([status, answered['www-authenticate']]).toEqual([
      401,
      `DPoP realm="${attacked.issuer}/api/admin", ${algs}, error="${error}"`,
    ]);
  };

  it('counts with a proof for this request, which may come with a query and in any casing of the scheme', async () => {
    expect((await ask(dpop(await proofFor()))).status).toBe(200);
    expect((await ask(dpop(await proofFor()), 1, `${path}?limit=1`)).status).toBe(200);
    const proof = await proofFor({ claims: { htu: `${attacked.issuer}${path}?limit=1#x` } });
    expect((await ask({ authorization: `dpop ${token}`, dpop: proof })).status).toBe(200);
  });

  it('is worth nothing as a bearer token, and a bearer token nothing with a proof', async () => {
    const { status, headers } = await ask({ authorization: `Bearer ${token}`, dpop: await proofFor() });
    expect([status, headers['www-authenticate']]).toEqual([
      401,
      `Bearer realm="${attacked.issuer}/api/admin", error="invalid_token", DPoP ${algs}`,
    ]);
    const bearer = await attacked.servers[0].adminToken(['users:read']);
    const proof = await key.prove({ method: 'GET', url: `${attacked.issuer}${path}`, token: bearer });
    await expectRefused(dpop(proof, bearer), 'invalid_token');
  });

  it('names both ways to whoever brings no token', async () => {
    const { status, headers } = await ask({});
    expect([status, headers['www-authenticate']]).toEqual([
      401,
      `Bearer realm="${attacked.issuer}/api/admin", DPoP ${algs}`,
    ]);
  });

  it('tells of a lacking scope in its own scheme', async () => {
    const url = `${attacked.issuer}/api/admin/v1/clients`;
    const proof = await key.prove({ method: 'GET', url, token });
    const { status, headers } = await ask(dpop(proof), 0, '/api/admin/v1/clients');
    expect([status, headers['www-authenticate']]).toEqual([
      403,
      `DPoP realm="${attacked.issuer}/api/admin", ${algs}, error="insufficient_scope", scope="clients:read"`,
    ]);
  });

  it.each<[string, ProofChanges]>([
    ['for another method', { claims: { htm: 'POST' } }],
    ['for the method in another casing', { claims: { htm: 'get' } }],
    ['for another address', { claims: { htu: 'https://evil.example/api/admin/v1/users' } }],
    ['for another path', { claims: { htu: 'http://127.0.0.1/api/admin/v1/clients' } }],
    ['for no address', { claims: { htu: 'users' } }],
    ['for another token', { claims: { ath: 'A'.repeat(43) } }],
    ['for no token', { claims: { ath: undefined } }],
    ['without an id', { claims: { jti: undefined } }],
    ['with an empty id', { claims: { jti: '' } }],
    ['without a time', { claims: { iat: undefined } }],
    ['of six minutes ago', { claims: { iat: Math.floor(Date.now() / 1000) - 360 } }],
    ['of in ten minutes', { claims: { iat: Math.floor(Date.now() / 1000) + 600 } }],
    ['of another type', { header: { typ: 'JWT' } }],
    ['without a key', { header: { jwk: undefined } }],
    ['with a key that is none', { header: { jwk: { kty: 'EC' } } }],
    [
      'with another key',
      { header: { jwk: { kty: 'EC', crv: 'P-256', x: 'A'.repeat(43), y: 'A'.repeat(43) } } },
    ],
  ])('does not count with a proof %s', async (_why, changes) => {
    await expectRefused(dpop(await proofFor(changes)), 'invalid_dpop_proof');
  });

  it('does not count with the proof of another key, with none, with two, or with a broken one', async () => {
    await expectRefused(dpop(await proofFor({}, await makeProofKey())), 'invalid_dpop_proof');
    await expectRefused({ authorization: `DPoP ${token}` }, 'invalid_dpop_proof');
    const [one, other] = [await proofFor(), await proofFor()];
    await expectRefused(dpop(`${one}, ${other}`), 'invalid_dpop_proof');
    await expectRefused(dpop(`${one.slice(0, -3)}AAA`), 'invalid_dpop_proof');
    await expectRefused(dpop('x'.repeat(9000)), 'invalid_dpop_proof');
    const [, claims = ''] = one.split('.');
    const none = Buffer.from('{"alg":"none","typ":"dpop+jwt"}').toString('base64url');
    await expectRefused(dpop(`${none}.${claims}.`), 'invalid_dpop_proof');
  });

  it('counts once with one proof, of fifty that come to two processes at once', async () => {
    const proof = await proofFor();
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) => ask(dpop(proof), index % 2 === 0 ? 0 : 1)),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(49);
  });

  it('lets a person use the account API', async () => {
    const resource = `${attacked.issuer}/api/account`;
    const scope = 'openid account:read';
    const app = await registerApp(attacked.servers[0], {
      skip_consent: true,
      scope,
      token_endpoint_auth_method: 'none',
      dpop_bound_access_tokens: true,
    });
    const attempt = app.begin({ scope, resource });
    const person = makePerson(attacked.issuer);
    await person.visit(attempt.url);
    const back = await person.signIn(attacked.people.user);
    if (back.kind !== 'elsewhere') throw new Error('not sent back');
    const url = `${attacked.issuer}/oauth2/token`;
    const answer = await fetch(url, {
      method: 'POST',
      headers: { dpop: await key.prove({ method: 'POST', url }) },
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        client_id: app.registration.clientId,
        redirect_uri: app.registration.redirectUri,
        code: back.url.searchParams.get('code') ?? '',
        code_verifier: attempt.verifier,
      }),
    });
    const tokens = JSON.parse(await answer.text());
    expect(tokens.token_type).toBe('DPoP');
    const proof = await key.prove({
      method: 'GET',
      url: `${resource}/v1/profile`,
      token: tokens.access_token,
    });
    const profile = await ask(dpop(proof, tokens.access_token), 1, '/api/account/v1/profile');
    expect([profile.status, JSON.parse(profile.text).sub]).toEqual([200, attacked.people.user.sub]);
  });
});
