import * as client from 'openid-client';
import type { RunningGatehouse } from '../../support/gatehouse.ts';
import type { Elsewhere, Page } from '../../support/person.ts';
import type { App } from './app.ts';

/** The app as openid-client sees it, which is what many apps are built with. Over http it has to be told that this is meant. */
export function discover(
  server: RunningGatehouse,
  { registration: { clientId, clientSecret } }: App,
  authentication?: client.ClientAuth,
): Promise<client.Configuration> {
  const fitting = clientSecret === undefined ? client.None() : client.ClientSecretBasic(clientSecret);
  return client.discovery(new URL(server.issuer), clientId, undefined, authentication ?? fitting, {
    execute: [client.allowInsecureRequests],
  });
}

/** A sign-in that the library began: where to send the person, and what it has to be told when they come back. */
export interface Began {
  url: URL;
  checks: { pkceCodeVerifier: string; expectedState: string; expectedNonce: string };
}

export async function begin(
  configuration: client.Configuration,
  { registration: { redirectUri } }: App,
  extra: Record<string, string> = {},
): Promise<Began> {
  const checks = {
    pkceCodeVerifier: client.randomPKCECodeVerifier(),
    expectedState: client.randomState(),
    expectedNonce: client.randomNonce(),
  };
  const url = client.buildAuthorizationUrl(configuration, {
    redirect_uri: redirectUri,
    scope: 'openid',
    state: checks.expectedState,
    nonce: checks.expectedNonce,
    code_challenge: await client.calculatePKCECodeChallenge(checks.pkceCodeVerifier),
    code_challenge_method: 'S256',
    ...extra,
  });
  return { url, checks };
}

/** Takes the code out of the callback and redeems it; throws what the library throws. */
export function finish(
  configuration: client.Configuration,
  { checks }: Began,
  callback: Page | Elsewhere,
): ReturnType<typeof client.authorizationCodeGrant> {
  return client.authorizationCodeGrant(configuration, callback.url, { ...checks, idTokenExpected: true });
}
