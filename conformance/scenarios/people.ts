import assert from 'node:assert/strict';
import * as oidc from 'openid-client';
import { authorize, confidentialApp, refusalOf, signIn } from '../flow.ts';
import { callback, signedOut } from '../world.ts';
import type { Scenario } from './scenario.ts';

export const people: Scenario[] = [
  {
    name: 'a public client signs a person in by code with PKCE and reads who it is',
    async run(world) {
      const client = await world.newClient({ redirect_uris: [callback], token_endpoint_auth_method: 'none' });
      const config = await world.discover(client);
      const person = await world.newPerson();
      const tokens = await signIn(config, person);
      assert.equal(tokens.claims()?.sub, person.subject);
      const userinfo = await oidc.fetchUserInfo(config, tokens.access_token, person.subject);
      assert.equal(userinfo.email, person.email);
      assert.equal(userinfo.email_verified, true);
      assert.equal(tokens.refresh_token, undefined);
    },
  },
  {
    name: 'a person who has agreed once is asked neither for a password nor for consent again',
    async run(world) {
      const { config } = await confidentialApp(world);
      const person = await world.newPerson();
      await signIn(config, person);
      const pages = person.seen().length;
      const again = await signIn(config, person, { prompt: 'none' });
      assert.equal(again.claims()?.sub, person.subject);
      assert.equal(person.seen().length, pages);
    },
  },
  {
    name: 'prompt=none without a session answers login_required, at the callback and with the issuer',
    async run(world) {
      const { config } = await confidentialApp(world);
      const { url, checks } = await authorize(config, await world.newPerson(), { prompt: 'none' });
      assert.equal(url.searchParams.get('iss'), config.serverMetadata().issuer);
      assert.equal(await refusalOf(oidc.authorizationCodeGrant(config, url, checks)), 'login_required');
    },
  },
  {
    name: 'prompt=login and max_age ask for the password again and move auth_time, consent does not',
    async run(world) {
      const { config } = await confidentialApp(world, { require_auth_time: true });
      const person = await world.newPerson();
      const first = await signIn(config, person);
      const pages = person.seen().length;
      const second = await signIn(config, person, { prompt: 'login' });
      assert.ok(person.seen().length > pages, 'no page was shown');
      assert.ok(Number(second.claims()?.auth_time) >= Number(first.claims()?.auth_time));
      const third = await signIn(config, person, { prompt: 'consent' });
      assert.equal(third.claims()?.auth_time, second.claims()?.auth_time);
    },
  },
  {
    name: 'a code is bound to its verifier',
    async run(world) {
      const { config } = await confidentialApp(world);
      const { url, checks } = await authorize(config, await world.newPerson());
      const foreign = { ...checks, pkceCodeVerifier: oidc.randomPKCECodeVerifier() };
      assert.equal(await refusalOf(oidc.authorizationCodeGrant(config, url, foreign)), 'invalid_grant');
    },
  },
  {
    name: 'a code that is used twice takes the tokens of its first use with it',
    async run(world) {
      const { config } = await confidentialApp(world);
      const person = await world.newPerson();
      const { url, checks } = await authorize(config, person);
      const tokens = await oidc.authorizationCodeGrant(config, url, checks);
      assert.equal(await refusalOf(oidc.authorizationCodeGrant(config, url, checks)), 'invalid_grant');
      const { active } = await oidc.tokenIntrospection(config, tokens.access_token);
      assert.equal(active, false);
      const refreshed = oidc.refreshTokenGrant(config, tokens.refresh_token ?? '');
      assert.equal(await refusalOf(refreshed), 'invalid_grant');
    },
  },
  {
    name: 'parameters that were pushed beforehand are as good as those in the address (RFC 9126)',
    async run(world) {
      const { config } = await confidentialApp(world, { require_pushed_authorization_requests: true });
      const person = await world.newPerson();
      const pkceCodeVerifier = oidc.randomPKCECodeVerifier();
      const start = await oidc.buildAuthorizationUrlWithPAR(config, {
        redirect_uri: callback,
        scope: 'openid',
        code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
        code_challenge_method: 'S256',
      });
      const tokens = await oidc.authorizationCodeGrant(config, await person.reach(start, callback), {
        pkceCodeVerifier,
      });
      assert.equal(tokens.claims()?.sub, person.subject);
    },
  },
  {
    name: 'a sign-out that the app begins ends the session and comes back to the app',
    async run(world) {
      const { config } = await confidentialApp(world, { post_logout_redirect_uris: [signedOut] });
      const person = await world.newPerson();
      const tokens = await signIn(config, person);
      const end = oidc.buildEndSessionUrl(config, {
        id_token_hint: tokens.id_token ?? '',
        post_logout_redirect_uri: signedOut,
        state: 'back',
      });
      const back = await person.reach(end, signedOut);
      assert.equal(back.searchParams.get('state'), 'back');
      const { url, checks } = await authorize(config, person, { prompt: 'none' });
      assert.equal(await refusalOf(oidc.authorizationCodeGrant(config, url, checks)), 'login_required');
    },
  },
];
