import { randomBytes } from 'node:crypto';
import type { AdapterPayload } from 'oidc-provider';

/** An id as the engine makes them: what is presented as token, cookie or code. */
export const anId = (): string => randomBytes(32).toString('base64url');

export const inSeconds = (seconds: number): number => Math.floor(Date.now() / 1000) + seconds;

/** Every model that the engine stores. */
export const models = [
  'AccessToken',
  'AuthorizationCode',
  'BackchannelAuthenticationRequest',
  'Client',
  'ClientCredentials',
  'DeviceCode',
  'Grant',
  'InitialAccessToken',
  'Interaction',
  'PreAuthorizedCode',
  'PushedAuthorizationRequest',
  'RefreshToken',
  'RegistrationAccessToken',
  'ReplayDetection',
  'Session',
] as const;

export type Model = (typeof models)[number];

/** A payload as the engine hands it over: with the id as `jti`, and with what else of this model could be presented. */
export function aPayload(model: Model, id: string, overrides: AdapterPayload = {}): AdapterPayload {
  const common = { jti: id, kind: model, iat: inSeconds(0), exp: inSeconds(60) };
  const special: AdapterPayload = specials[model]?.(id) ?? {};
  return { ...common, ...special, ...overrides };
}

const token = (): AdapterPayload => ({
  accountId: anId(),
  clientId: 'app',
  grantId: anId(),
  scope: 'openid profile',
  claims: { id_token: { acr: { essential: true } } },
});

const specials: Partial<Record<Model, (id: string) => AdapterPayload>> = {
  AccessToken: token,
  AuthorizationCode: () => ({
    ...token(),
    codeChallenge: anId(),
    codeChallengeMethod: 'S256',
    nonce: 'n-0S6',
  }),
  RefreshToken: () => ({ ...token(), iiat: inSeconds(0), rotations: 3 }),
  BackchannelAuthenticationRequest: token,
  PreAuthorizedCode: token,
  Grant: () => ({ accountId: anId(), clientId: 'app', openid: { scope: 'openid' } }),
  DeviceCode: () => ({ ...token(), userCode: anId(), deviceInfo: { ip: '192.0.2.1' }, inFlight: false }),
  Session: () => ({
    uid: anId(),
    accountId: anId(),
    loginTs: inSeconds(0),
    authorizations: { app: { sid: anId(), grantId: anId() } },
  }),
  Interaction: (id) => ({
    returnTo: `https://id.example/oauth2/authorize/${id}`,
    deviceCode: anId(),
    parJti: anId(),
    params: { client_id: 'app', scope: 'openid' },
    prompt: { name: 'login', reasons: ['no_session'], details: {} },
    cid: anId(),
  }),
  PushedAuthorizationRequest: () => ({ request: `${anId()}.${anId()}.` }),
  ReplayDetection: () => ({ iss: 'https://client.example' }),
};
