import assert from 'node:assert/strict';
import * as oidc from 'openid-client';
import { confidentialApp, refusalOf, signIn } from '../flow.ts';
import { callback } from '../world.ts';
import type { Scenario } from './scenario.ts';

/** Inactive, and not a word more (RFC 7662 2.2). */
async function assertInactive(config: oidc.Configuration, token: string): Promise<void> {
  assert.equal(JSON.stringify(await oidc.tokenIntrospection(config, token)), '{"active":false}');
}

export const tokens: Scenario[] = [
  {
    name: 'a refresh token is replaced at every use, and works once',
    async run(world) {
      const { config } = await confidentialApp(world);
      const person = await world.newPerson();
      const first = await signIn(config, person);
      const second = await oidc.refreshTokenGrant(config, first.refresh_token ?? '');
      assert.notEqual(second.refresh_token, first.refresh_token);
      assert.equal(second.claims()?.sub, person.subject);
      await oidc.fetchUserInfo(config, second.access_token, person.subject);
    },
  },
  {
    name: 'a refresh may ask for less than was granted, never for more',
    async run(world) {
      const { config } = await confidentialApp(world, { scope: 'openid email profile' });
      const first = await signIn(config, await world.newPerson(), { scope: 'openid email' });
      const token = first.refresh_token ?? '';
      assert.equal(
        await refusalOf(oidc.refreshTokenGrant(config, token, { scope: 'openid email profile' })),
        'invalid_scope',
      );
      const less = await oidc.refreshTokenGrant(config, token, { scope: 'openid' });
      assert.equal(less.scope, 'openid');
    },
  },
  {
    name: 'introspection tells the client about its tokens, and nobody about others',
    async run(world) {
      const { config, client } = await confidentialApp(world);
      const stranger = await confidentialApp(world);
      const person = await world.newPerson();
      const { access_token: token } = await signIn(config, person);
      const mine = await oidc.tokenIntrospection(config, token);
      assert.deepEqual([mine.active, mine.client_id, mine.sub], [true, client.client_id, person.subject]);
      await assertInactive(stranger.config, token);
      await assertInactive(config, 'no-such-token');
    },
  },
  {
    name: 'a revoked refresh token is dead, and what came of it too',
    async run(world) {
      const { config } = await confidentialApp(world);
      const { access_token: access, refresh_token: refresh = '' } = await signIn(
        config,
        await world.newPerson(),
      );
      await oidc.tokenRevocation(config, refresh);
      assert.equal(await refusalOf(oidc.refreshTokenGrant(config, refresh)), 'invalid_grant');
      await assertInactive(config, access);
      await oidc.tokenRevocation(config, refresh);
    },
  },
  {
    name: 'a service gets a token for itself by client credentials',
    async run(world) {
      const service = await world.newClient({ grant_types: ['client_credentials'] });
      const config = await world.discover(service);
      const answer = await oidc.clientCredentialsGrant(config);
      assert.equal(answer.id_token, undefined);
      const about = await oidc.tokenIntrospection(config, answer.access_token);
      assert.deepEqual([about.active, about.client_id], [true, service.client_id]);
    },
  },
  {
    name: 'a wrong secret is refused, and the right one may come in the body as well',
    async run(world) {
      const metadata = { redirect_uris: [callback], token_endpoint_auth_method: 'client_secret_post' };
      const client = await world.newClient({
        ...metadata,
        grant_types: ['authorization_code', 'refresh_token'],
      });
      const right = await world.discover(client, oidc.ClientSecretPost(client.client_secret));
      const wrong = await world.discover(client, oidc.ClientSecretPost('not-the-secret'));
      const signedIn = await signIn(right, await world.newPerson());
      const refused = oidc.refreshTokenGrant(wrong, signedIn.refresh_token ?? '');
      await assert.rejects(refused, (error: Error & { status?: number }) => error.status === 401);
      await oidc.refreshTokenGrant(right, signedIn.refresh_token ?? '');
    },
  },
  {
    name: 'a client proves itself by a key of its own instead of a secret (RFC 7523)',
    async run(world) {
      const keys = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
        'sign',
        'verify',
      ]);
      const jwk = {
        ...(await crypto.subtle.exportKey('jwk', keys.publicKey)),
        kid: 'one',
        alg: 'ES256',
        use: 'sig',
      };
      const { kty, crv, x, y, kid, alg, use } = jwk;
      const client = await world.newClient({
        grant_types: ['client_credentials'],
        token_endpoint_auth_method: 'private_key_jwt',
        jwks: { keys: [{ kty, crv, x, y, kid, alg, use }] },
      });
      const config = await world.discover(client, oidc.PrivateKeyJwt({ key: keys.privateKey, kid: 'one' }));
      const answer = await oidc.clientCredentialsGrant(config);
      assert.equal(answer.token_type, 'bearer');
    },
  },
  {
    name: 'a token may be bound to a key of the client, and is worth nothing without it (RFC 9449)',
    async run(world) {
      const { config } = await confidentialApp(world);
      const person = await world.newPerson();
      const DPoP = oidc.getDPoPHandle(config, await oidc.randomDPoPKeyPair());
      const plain = await signIn(config, person);
      const bound = await oidc.refreshTokenGrant(config, plain.refresh_token ?? '', undefined, { DPoP });
      assert.equal(bound.token_type, 'dpop');
      await oidc.fetchUserInfo(config, bound.access_token, person.subject, { DPoP });
      const asBearer = oidc.fetchUserInfo(config, bound.access_token, person.subject);
      await assert.rejects(asBearer, (error: Error & { status?: number }) => error.status === 401);
    },
  },
];
