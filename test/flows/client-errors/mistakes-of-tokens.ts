import { randomBytes } from 'node:crypto';
import type { Mistake } from './mistakes-of-requests.ts';
import { basicOf, type Claims, type World } from './world.ts';

const exchange = { grant_type: 'authorization_code' };
const now = () => Math.floor(Date.now() / 1000);
const random = () => randomBytes(32).toString('base64url');

const codeChanged = (
  code: string,
  change: Record<string, string>,
  more: Pick<Mistake, 'facts' | 'cause'> = {},
): Mistake => ({
  code,
  client: 'photo-album',
  make: async (world) => world.token({ ...exchange, ...(await world.code()), ...change }),
  ...more,
});

const proof = (code: string, claims: (world: World) => Claims, facts: Mistake['facts'] = {}): Mistake => ({
  code,
  client: 'photo-album',
  make: async (world) =>
    world.token({ ...exchange, ...(await world.code()) }, { dpop: await world.proof(claims(world)) }),
  facts,
});

const refreshToken = async ({ token, code }: World): Promise<string> =>
  JSON.parse((await token({ ...exchange, ...(await code()) })).text).refresh_token;

/** With codes and tokens, and proofs of keys. */
export const mistakesOfTokens: readonly Mistake[] = [
  {
    code: 'code_unknown',
    client: 'photo-album',
    make: ({ token, apps }) =>
      token({ ...exchange, code: random(), redirect_uri: apps.album.registration.redirectUri }),
  },
  {
    code: 'code_used',
    client: 'photo-album',
    async make({ token, code }) {
      const once = { ...exchange, ...(await code()) };
      await token(once);
      return token(once);
    },
  },
  {
    code: 'code_of_other_client',
    client: 'other-app',
    make: async ({ post, code, apps }) =>
      post('token', { ...exchange, ...(await code()) }, { authorization: basicOf(apps.other) }),
  },
  codeChanged(
    'code_redirect_uri_differs',
    { redirect_uri: 'https://app.example/other' },
    { cause: 'They differ in the path.' },
  ),
  codeChanged('pkce_verifier_missing', { code_verifier: '' }),
  codeChanged('pkce_verifier_malformed', { code_verifier: 'short' }),
  codeChanged('pkce_verifier_mismatch', { code_verifier: random() }),
  {
    code: 'refresh_token_unknown',
    client: 'photo-album',
    make: ({ token }) => token({ grant_type: 'refresh_token', refresh_token: random() }),
  },
  {
    code: 'refresh_token_reused',
    client: 'photo-album',
    async make(world) {
      const once = { grant_type: 'refresh_token', refresh_token: await refreshToken(world) };
      const next: { refresh_token: string } = JSON.parse((await world.token(once)).text);
      await world.token({ grant_type: 'refresh_token', refresh_token: next.refresh_token });
      return world.token({ ...once, scope: 'openid' });
    },
  },
  {
    code: 'refresh_token_of_other_client',
    client: 'other-app',
    make: async (world) =>
      world.post(
        'token',
        { grant_type: 'refresh_token', refresh_token: await refreshToken(world) },
        { authorization: basicOf(world.apps.other) },
      ),
  },
  {
    code: 'scope_not_granted',
    client: 'photo-album',
    make: async (world) =>
      world.token({
        grant_type: 'refresh_token',
        refresh_token: await refreshToken(world),
        scope: 'openid profile',
      }),
    facts: { scope: 'profile' },
  },
  proof('dpop_method_mismatch', () => ({ htm: 'GET' }), { proof_method: 'GET', method: 'POST' }),
  proof('dpop_url_mismatch', ({ issuer }) => ({ htu: `${issuer}/token` })),
  proof('dpop_claim_missing', () => ({ jti: undefined })),
  proof('dpop_nonce_unsupported', () => ({ nonce: 'anything' })),
  {
    code: 'dpop_proof_invalid',
    client: 'photo-album',
    make: async (world) => world.token({ ...exchange, ...(await world.code()) }, { dpop: 'nonsense' }),
  },
  {
    code: 'dpop_proof_replayed',
    client: 'photo-album',
    async make(world) {
      const dpop = await world.proof();
      await world.token({ ...exchange, ...(await world.code()) }, { dpop });
      return world.token({ ...exchange, ...(await world.code()) }, { dpop });
    },
  },
  {
    code: 'access_token_missing',
    client: null,
    make: ({ send }) => send('/oauth2/userinfo'),
  },
  {
    code: 'access_token_invalid',
    client: null,
    make: ({ send }) => send('/oauth2/userinfo', { headers: { authorization: `Bearer ${random()}` } }),
  },
  {
    code: 'access_token_transport',
    client: null,
    make: ({ send }) => send(`/oauth2/userinfo?access_token=${random()}`),
  },
  {
    code: 'device_code_unknown',
    client: 'tv-app',
    make: ({ post }) =>
      post('token', {
        grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
        client_id: 'tv-app',
        device_code: random(),
      }),
  },
];

/** Another clock than that of an assertion. */
export const proofFromThePast: Mistake = proof('clock_behind', () => ({ iat: now() - 400 }), {
  signed: 'DPoP proof',
});
