import * as oauth from '../vendor/oauth4webapi.js';
import { SignInFailure } from './failure.js';

/** @import { Settings } from './settings.js' */

/**
 * Who is signed in, as the ID token and the userinfo endpoint say. Tokens stay in the closure of this module's calls.
 *
 * @typedef {object} Person
 * @property {oauth.IDToken} session
 * @property {oauth.UserInfoResponse} profile
 * @property {string} signOutAddress
 */

/**
 * What must survive the way to the sign-in page and back; this tab's own, and used once.
 *
 * @typedef {object} Attempt
 * @property {string} state
 * @property {string} nonce
 * @property {string} verifier
 */

const scope = 'openid profile email';
/** When and how the person signed in (OIDC Core 5.5): not in every ID token, so this asks for it. */
const claims = JSON.stringify({ id_token: { auth_time: { essential: true }, amr: null } });
const storageKey = 'gatehouse-account';

/** Whether this address is the answer to a sign-in (OIDC Core 3.1.2.5, 3.1.2.6). */
export function hasAnswer() {
  const answer = new URLSearchParams(location.search);
  return answer.has('code') || answer.has('error');
}

/**
 * Begins a sign-in: authorization code with PKCE (RFC 7636).
 *
 * @param {Settings} settings
 * @returns {Promise<string>} where to go
 */
export async function start(settings) {
  const server = await discover(settings);
  /** @type {Attempt} */
  const attempt = {
    state: oauth.generateRandomState(),
    nonce: oauth.generateRandomNonce(),
    verifier: oauth.generateRandomCodeVerifier(),
  };
  remember(attempt);
  const url = new URL(endpoint(server.authorization_endpoint));
  url.search = new URLSearchParams({
    client_id: settings.clientId,
    redirect_uri: settings.redirectUri,
    response_type: 'code',
    scope,
    claims,
    state: attempt.state,
    nonce: attempt.nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(attempt.verifier),
    code_challenge_method: 'S256',
  }).toString();
  return url.href;
}

/**
 * Ends a sign-in: checks the answer, takes the code for tokens, and asks who it is.
 *
 * @param {Settings} settings
 * @returns {Promise<Person>}
 * @throws {SignInFailure}
 */
export async function finish(settings) {
  const answer = new URL(location.href);
  // The code is of no use to anybody else, but neither does it belong into the history.
  history.replaceState(null, '', location.pathname);
  const attempt = recall();
  if (answer.searchParams.get('error') === 'access_denied') throw new SignInFailure('denied');
  if (attempt === undefined) throw new SignInFailure('stale');

  const server = await discover(settings);
  const client = { client_id: settings.clientId };
  const options = requestOptions(settings);
  const parameters = oauth.validateAuthResponse(server, client, answer, attempt.state);
  const response = await oauth.authorizationCodeGrantRequest(
    server,
    client,
    oauth.None(),
    parameters,
    settings.redirectUri,
    attempt.verifier,
    options,
  );
  const tokens = await oauth.processAuthorizationCodeResponse(server, client, response, {
    expectedNonce: attempt.nonce,
    requireIdToken: true,
  });
  const session = oauth.getValidatedIdTokenClaims(tokens);
  if (session === undefined || tokens.id_token === undefined)
    throw new SignInFailure('refused', 'no ID token');
  const userInfo = await oauth.userInfoRequest(server, client, tokens.access_token, options);
  return {
    session,
    profile: await oauth.processUserInfoResponse(server, client, session.sub, userInfo),
    signOutAddress: signOutAddress(server, settings, tokens.id_token),
  };
}

/**
 * OIDC RP-Initiated Logout 1.0.
 *
 * @param {oauth.AuthorizationServer} server
 * @param {Settings} settings
 * @param {string} idToken
 */
function signOutAddress(server, settings, idToken) {
  const url = new URL(endpoint(server.end_session_endpoint));
  url.search = new URLSearchParams({
    id_token_hint: idToken,
    client_id: settings.clientId,
    post_logout_redirect_uri: settings.afterSignOut,
  }).toString();
  return url.href;
}

/** @param {Settings} settings */
async function discover(settings) {
  const issuer = new URL(settings.issuer);
  const response = await oauth.discoveryRequest(issuer, requestOptions(settings));
  return oauth.processDiscoveryResponse(issuer, response);
}

/** Over http only when the server itself is reached so, which it allows on this machine alone.
 * @param {Settings} settings
 */
function requestOptions({ issuer }) {
  return { [oauth.allowInsecureRequests]: issuer.startsWith('http:') };
}

/** @param {string | undefined} address */
function endpoint(address) {
  if (address === undefined)
    throw new SignInFailure('refused', 'the server does not tell where this is done');
  return address;
}

/** @param {Attempt} attempt */
function remember(attempt) {
  try {
    sessionStorage.setItem(storageKey, JSON.stringify(attempt));
  } catch {
    throw new SignInFailure('storage');
  }
}

/** @returns {Attempt | undefined} */
function recall() {
  try {
    const stored = sessionStorage.getItem(storageKey);
    sessionStorage.removeItem(storageKey);
    return stored === null ? undefined : JSON.parse(stored);
  } catch {
    return undefined;
  }
}
