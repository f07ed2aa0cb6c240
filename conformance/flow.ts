import * as oidc from 'openid-client';
import type { Person } from './browser.ts';
import { callback, type RegisteredClient, type World } from './world.ts';

export type Tokens = Awaited<ReturnType<typeof oidc.authorizationCodeGrant>>;

/** A sign-in that is under way, and where it came back to. */
export interface Returned {
  url: URL;
  checks: oidc.AuthorizationCodeGrantChecks & { pkceCodeVerifier: string; expectedState: string };
}

/** Sends a person through the authorization endpoint and back; the code is not redeemed yet. */
export async function authorize(
  config: oidc.Configuration,
  person: Person,
  extra: Record<string, string> = {},
): Promise<Returned> {
  const pkceCodeVerifier = oidc.randomPKCECodeVerifier();
  const [expectedState, expectedNonce] = [oidc.randomState(), oidc.randomNonce()];
  const start = oidc.buildAuthorizationUrl(config, {
    redirect_uri: callback,
    scope: 'openid profile email',
    code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
    state: expectedState,
    nonce: expectedNonce,
    ...extra,
  });
  const url = await person.reach(start, callback);
  return { url, checks: { pkceCodeVerifier, expectedState, expectedNonce, idTokenExpected: true } };
}

/** The whole way: authorize, come back, redeem. The library checks state, issuer, nonce, signature and claims. */
export async function signIn(
  config: oidc.Configuration,
  person: Person,
  extra: Record<string, string> = {},
): Promise<Tokens> {
  const { url, checks } = await authorize(config, person, extra);
  return oidc.authorizationCodeGrant(config, url, checks);
}

/** A confidential app with refresh tokens, as most are, and the library's view of it. */
export async function confidentialApp(
  world: World,
  metadata: Record<string, unknown> = {},
): Promise<{ client: RegisteredClient; config: oidc.Configuration }> {
  const client = await world.newClient({
    redirect_uris: [callback],
    grant_types: ['authorization_code', 'refresh_token'],
    token_endpoint_auth_method: 'client_secret_basic',
    ...metadata,
  });
  return { client, config: await world.discover(client) };
}

/** What the server's refusal says: the `error` of the specification. Throws when there was none. */
export async function refusalOf(attempt: Promise<unknown>): Promise<string> {
  try {
    await attempt;
  } catch (error) {
    if (error instanceof oidc.ResponseBodyError || error instanceof oidc.AuthorizationResponseError)
      return error.error;
    throw error;
  }
  throw new Error('It was answered as if it were right.');
}
