import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { type App, registerApp, registerService, sentBack } from '../flows/protocol/app.ts';
import { makePerson, type Person } from '../support/person.ts';
import { basic } from '../support/relying-party.ts';
import { type Arena, grounds, openArena, patience, racers } from './arena.ts';
import { atOnce, type Line, openLine, type RawAnswer, rawGet, rawPost } from './barrier.ts';
import { alive, nothing, opening, silently } from './tabs.ts';

const rounds = 50;
/** Of what has tests of its own on two processes, in codes.test.ts and refresh.test.ts. */
const someRounds = 10;
const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code';
const jwtBearer = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

describe.each(grounds)(`of ${racers} who come at once with what is good for one use: %s`, (ground) => {
  let arena: Arena;
  let lines: Line[];
  let signedIn: Person;
  beforeAll(async () => {
    arena = await openArena(ground);
    const ports = Array.from({ length: racers }, (_, index) => arena.ports[index % arena.ports.length] ?? 0);
    lines = await Promise.all(ports.map(openLine));
    signedIn = makePerson(arena.issuer);
    await arena.album.signIn(signedIn, arena.person);
  });
  afterAll(async () => {
    for (const line of lines) line.close();
    await arena.dispose();
  });

  /** The same request on every line at once; who won, and who did not. */
  async function race(request: string, isWon: (answer: RawAnswer) => boolean) {
    for (const line of lines) line.prepare(request);
    const answers = await Promise.all(lines.map((line) => line.release()));
    return { won: answers.filter(isWon), lost: answers.filter((answer) => !isWon(answer)) };
  }

  const isOk = ({ status }: RawAnswer) => status === 200;
  const refusals = (lost: RawAnswer[]) =>
    new Set(lost.map(({ status, body }) => `${status} ${JSON.parse(body).error}`));

  const secretOf = ({ registration: { clientId, clientSecret = '' } }: App) => ({
    authorization: basic(clientId, clientSecret),
  });

  describe('device code', () => {
    let television: App;
    beforeAll(async () => {
      television = await registerApp(arena.server, {
        client_id: 'television',
        grant_types: [deviceGrant, 'refresh_token'],
        redirect_uris: [],
        skip_consent: true,
      });
    });

    async function approved(): Promise<string> {
      const { body } = await television.post('device_authorization', { scope: 'openid' });
      await signedIn.visit(String(body.verification_uri));
      await signedIn.submit({ user_code: String(body.user_code) });
      await signedIn.submit({ confirm: 'yes' });
      expect(signedIn.page().text).toContain('Your device is connected');
      return String(body.device_code);
    }

    it('one gets tokens for a device code, which are dead afterwards, since somebody has copied it', async () => {
      for (let round = 0; round < rounds; round += 1) {
        const form = { grant_type: deviceGrant, device_code: await approved() };
        const request = rawPost(arena.host, '/oauth2/token', secretOf(television), form);
        const { won, lost } = await race(request, isOk);
        expect(won).toHaveLength(1);
        expect([...refusals(lost)]).toEqual(['400 invalid_grant']);
        const tokens = JSON.parse(won[0]?.body ?? '{}');
        await expect(television.userinfo(tokens.access_token)).resolves.toMatchObject({ status: 401 });
        await expect(television.refresh(tokens.refresh_token)).resolves.toMatchObject({ status: 400 });
      }
    });
  });

  describe('code and refresh token', () => {
    it('one gets tokens for a code, which are dead afterwards', async () => {
      const { album } = arena;
      for (let round = 0; round < someRounds; round += 1) {
        const { attempt, request } = silently(arena, signedIn, album);
        const [{ location = '' } = nothing] = await atOnce(arena.ports, [request]);
        const form = {
          grant_type: 'authorization_code',
          code: new URL(location).searchParams.get('code') ?? '',
          redirect_uri: album.registration.redirectUri,
          code_verifier: attempt.verifier,
        };
        const { won, lost } = await race(rawPost(arena.host, '/oauth2/token', secretOf(album), form), isOk);
        expect(won).toHaveLength(1);
        expect([...refusals(lost)]).toEqual(['400 invalid_grant']);
        const tokens = { status: 200, headers: new Headers(), body: JSON.parse(won[0]?.body ?? '{}') };
        expect(await alive([[album, tokens]])).toEqual([]);
      }
    });

    it('all get the same answer for a refresh token, and what it brought is good', async () => {
      const { album } = arena;
      const { body } = await album.signIn(signedIn, arena.person);
      let token = String(body.refresh_token);
      for (let round = 0; round < someRounds; round += 1) {
        const form = { grant_type: 'refresh_token', refresh_token: token };
        const { won, lost } = await race(rawPost(arena.host, '/oauth2/token', secretOf(album), form), isOk);
        expect(lost).toEqual([]);
        expect(new Set(won.map((answer) => answer.body)).size).toBe(1);
        const answer = JSON.parse(won[0]?.body ?? '{}');
        await expect(album.userinfo(answer.access_token)).resolves.toMatchObject({ status: 200 });
        token = answer.refresh_token;
      }
    });
  });

  describe('pushed authorization request', () => {
    it(
      'one gets a code for a pushed request, the others are told that it was used; the code is good',
      async () => {
        const { album } = arena;
        for (let round = 0; round < arena.rounds(rounds); round += 1) {
          const attempt = album.begin();
          const pushed = await album.post('par', Object.fromEntries(attempt.url.searchParams));
          const url = new URL('/oauth2/authorize', arena.issuer);
          url.searchParams.set('client_id', album.registration.clientId);
          url.searchParams.set('request_uri', String(pushed.body.request_uri));
          const request = opening(arena, signedIn, url);
          const { won, lost } = await race(request, ({ location = '' }) => /[?&]code=/.test(location));
          expect(won).toHaveLength(1);
          // Who has read it unused is led to ask once more, and sees then that it was used.
          for (const { status, location } of lost) {
            expect([303, 400]).toContain(status);
            expect([undefined, url.pathname + url.search]).toContain(location);
          }
          const [again] = await atOnce(arena.ports, [request]);
          expect(again).toMatchObject({ status: 400, location: undefined });
          expect(again?.body).toContain('invalid_request_uri');
          const back = new URL(won[0]?.location ?? '');
          await expect(album.redeem(attempt, { kind: 'elsewhere', url: back })).resolves.toMatchObject({
            status: 200,
          });
        }
      },
      patience,
    );
  });

  describe('identifier', () => {
    it('one proves itself with an assertion of a client, the others get invalid_client', async () => {
      const { publicKey, privateKey } = await generateKeyPair('ES256');
      const jwk: JWK = { ...(await exportJWK(publicKey)), use: 'sig', alg: 'ES256', kid: 'own' };
      const { registration } = await registerService(arena.server, {
        token_endpoint_auth_method: 'private_key_jwt',
        jwks: { keys: [jwk] },
      });
      for (let round = 0; round < rounds; round += 1) {
        const assertion = await new SignJWT({ jti: randomUUID() })
          .setProtectedHeader({ alg: 'ES256', kid: 'own' })
          .setIssuer(registration.clientId)
          .setSubject(registration.clientId)
          .setAudience(arena.issuer)
          .setIssuedAt()
          .setExpirationTime('1m')
          .sign(privateKey);
        const form = {
          grant_type: 'client_credentials',
          client_assertion_type: jwtBearer,
          client_assertion: assertion,
        };
        const { won, lost } = await race(rawPost(arena.host, '/oauth2/token', {}, form), isOk);
        expect(won).toHaveLength(1);
        expect([...refusals(lost)]).toEqual(['401 invalid_client']);
      }
    });

    /** Makes proofs with a key of its own (RFC 9449 4.2). */
    async function makeProver() {
      const { publicKey, privateKey } = await generateKeyPair('ES256');
      const jwk = await exportJWK(publicKey);
      return (htm: string, path: string, claims: Record<string, unknown> = {}): Promise<string> =>
        new SignJWT({ htm, htu: `${arena.issuer}${path}`, jti: randomUUID(), ...claims })
          .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk })
          .setIssuedAt()
          .sign(privateKey);
    }

    it('one gets a token for a DPoP proof', async () => {
      const service = await registerService(arena.server);
      const prove = await makeProver();
      for (let round = 0; round < rounds; round += 1) {
        const headers = { ...secretOf(service), dpop: await prove('POST', '/oauth2/token') };
        const form = { grant_type: 'client_credentials' };
        const { won, lost } = await race(rawPost(arena.host, '/oauth2/token', headers, form), isOk);
        expect(won).toHaveLength(1);
        for (const refusal of refusals(lost))
          expect(['400 invalid_grant', '400 invalid_dpop_proof']).toContain(refusal);
      }
    });

    it('one is told who the person is for a DPoP proof', async () => {
      const prove = await makeProver();
      const attempt = arena.album.begin();
      const { code = '' } = sentBack(await signedIn.visit(attempt.url));
      const bound = await fetch(`${arena.issuer}/oauth2/token`, {
        method: 'POST',
        headers: { ...secretOf(arena.album), dpop: await prove('POST', '/oauth2/token') },
        body: new URLSearchParams({
          grant_type: 'authorization_code',
          code,
          redirect_uri: attempt.url.searchParams.get('redirect_uri') ?? '',
          code_verifier: attempt.verifier,
        }),
      });
      const { access_token: token } = JSON.parse(await bound.text());
      const hash = await crypto.subtle.digest('SHA-256', Buffer.from(token));
      const ath = Buffer.from(hash).toString('base64url');
      for (let round = 0; round < rounds; round += 1) {
        const headers = {
          authorization: `DPoP ${token}`,
          dpop: await prove('GET', '/oauth2/userinfo', { ath }),
        };
        const { won, lost } = await race(rawGet(arena.host, '/oauth2/userinfo', headers), isOk);
        expect(won).toHaveLength(1);
        expect(lost.map(({ status }) => status)).toEqual(lost.map(() => 401));
      }
    });
  });
});
