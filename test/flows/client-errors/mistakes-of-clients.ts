import { generateKeyPair } from 'jose';
import { basic } from '../../support/relying-party.ts';
import type { Mistake } from './mistakes-of-requests.ts';
import { basicOf, type Claims, jwtBearer, type World } from './world.ts';

const service = { grant_type: 'client_credentials' };
const now = () => Math.floor(Date.now() / 1000);

const assertion = (
  code: string,
  claims: () => Claims,
  facts: Mistake['facts'] = {},
  header: { kid?: string } = {},
): Mistake => ({
  code,
  client: 'strong-app',
  make: async (world) => sendAssertion(world, await world.assertion(claims(), header)),
  facts,
});

const sendAssertion = ({ post }: World, client_assertion: string) =>
  post('token', { ...service, client_assertion, client_assertion_type: jwtBearer });

/** In how clients prove themselves. */
export const mistakesOfClients: readonly Mistake[] = [
  { code: 'authentication_missing', client: null, make: ({ post }) => post('token', service) },
  {
    code: 'authentication_ambiguous',
    client: 'photo-album',
    make: ({ token }) => token({ ...service, client_id: 'photo-album', client_secret: 'whatever' }),
    facts: { sent_methods: 'client_secret_basic and client_secret_post' },
  },
  {
    code: 'authentication_method_mismatch',
    client: 'strong-app',
    make: ({ post }) => post('token', service, { authorization: basic('strong-app', 'whatever') }),
    facts: { sent_method: 'client_secret_basic', registered_method: 'private_key_jwt' },
  },
  {
    code: 'authorization_header_malformed',
    client: null,
    make: ({ post }) => post('token', service, { authorization: 'Basic ???' }),
  },
  {
    code: 'secret_missing',
    client: 'photo-album',
    make: ({ post }) => post('token', { ...service, client_id: 'photo-album' }),
  },
  {
    code: 'secret_wrong',
    client: 'photo-album',
    make: ({ post }) => post('token', service, { authorization: basic('photo-album', 'wrong') }),
  },
  {
    code: 'assertion_missing',
    client: 'strong-app',
    make: ({ post }) => post('token', { ...service, client_id: 'strong-app' }),
  },
  {
    code: 'assertion_malformed',
    client: null,
    make: (world) => sendAssertion(world, 'nonsense'),
  },
  assertion('assertion_claim_missing', () => ({ jti: undefined })),
  assertion('assertion_issuer_wrong', () => ({ iss: 'somebody' }), { issuer: 'somebody' }),
  assertion('assertion_audience_wrong', () => ({ aud: 'https://other.example' }), {
    audience: 'https://other.example',
  }),
  assertion('assertion_expired', () => ({ iat: undefined, exp: now() - 100 })),
  assertion('clock_behind', () => ({ iat: now() - 130, exp: now() - 70 }), { signed: 'client assertion' }),
  assertion('clock_ahead', () => ({ iat: now() + 42, nbf: now() + 42, exp: now() + 102 }), {
    signed: 'client assertion',
  }),
  assertion(
    'key_unknown',
    () => ({}),
    { key_id: 'old', algorithm: 'ES256', registered_keys: 'right (ES256)' },
    { kid: 'old' },
  ),
  {
    code: 'assertion_signature_wrong',
    client: 'strong-app',
    async make(world) {
      const { privateKey } = await generateKeyPair('ES256');
      return sendAssertion(world, await world.assertion({}, {}, privateKey));
    },
  },
  {
    code: 'assertion_algorithm_wrong',
    client: 'strong-app',
    async make(world) {
      const { privateKey } = await generateKeyPair('RS256');
      return sendAssertion(world, await world.assertion({}, { alg: 'RS256' }, privateKey));
    },
    facts: { algorithm: 'RS256', registered_algorithm: 'ES256' },
  },
  {
    code: 'assertion_replayed',
    client: 'strong-app',
    async make(world) {
      const once = await world.assertion();
      await sendAssertion(world, once);
      return sendAssertion(world, once);
    },
  },
  {
    code: 'client_keys_unreachable',
    client: 'lonely-app',
    make: async (world) =>
      sendAssertion(world, await world.assertion({ iss: 'lonely-app', sub: 'lonely-app' })),
    facts: { jwks_uri: 'https://127.0.0.1:9/keys.json' },
  },
  {
    code: 'token_of_other_client',
    client: 'other-app',
    async make({ code, token, post, apps }) {
      const { access_token: given } = JSON.parse(
        (await token({ grant_type: 'authorization_code', ...(await code()) })).text,
      );
      return post('revoke', { token: given }, { authorization: basicOf(apps.other) });
    },
  },
];
