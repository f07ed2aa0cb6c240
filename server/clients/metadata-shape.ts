import { z } from 'zod';
import { faultInDomain } from '../accounts/login-name-rules.ts';
import { signUpModes } from '../accounts/sign-up/policy.ts';
import { jwks } from './jwks.ts';
import { faultInOrigin, faultInRedirectUri, faultInWebUri, type WebUriRules } from './uri-rules.ts';

/** Everything that a client may be allowed to do at the token endpoint. */
export const grantTypes = [
  'authorization_code',
  'refresh_token',
  'client_credentials',
  'urn:ietf:params:oauth:grant-type:device_code',
] as const;

/** No client_secret_jwt: secrets are stored hashed, and nothing can be signed with a hash. */
export const authMethods = ['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'] as const;

/** Asymmetric only (RFC 8725 3.1, 3.2); what the signing keys serve. */
export const signingAlgorithms = ['RS256', 'PS256', 'ES256', 'EdDSA'] as const;

export const acrValues = ['urn:gatehouse:acr:1fa'] as const;

/** What a client may ask for about a person when its `scope` is left out. */
export const personScope = 'openid profile email address phone offline_access roles permissions';

const mostUris = 100;
/** RFC 6749 3.3: scope-tokens, single spaces between them. */
const scopeTokens = /^[\x21\x23-\x5b\x5d-\x7e]+(?: [\x21\x23-\x5b\x5d-\x7e]+)*$/;
/** Controls, line separators, half characters, and what would turn the direction of the text around it. */
export const notForPeople = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u202a-\u202e\u2066-\u2069]/u;

/** A string in which `faultIn` finds nothing; its complaints are fixed words that do not repeat the value. */
export function checked(faultIn: (text: string) => string | undefined) {
  return z.string().check((context) => {
    const message = faultIn(context.value);
    if (message !== undefined) context.issues.push({ code: 'custom', message, input: context.value });
  });
}

const redirectUris = z
  .array(checked(faultInRedirectUri).meta({ format: 'uri', maxLength: 2048 }))
  .max(mostUris);

const webUri = (rules: WebUriRules) =>
  checked((text) => faultInWebUri(text, rules)).meta({ format: 'uri', maxLength: 2048 });
const page = webUri({ fragment: 'allowed' });
const endpoint = webUri({ fragment: 'refused' });

/** What people read, in one line. */
export const humanText = (most: number) =>
  z
    .string()
    .min(1)
    .max(most)
    .refine((text) => !notForPeople.test(text), 'Use visible characters only, in one line.');

const algorithm = z.enum(signingAlgorithms);

/**
 * Client metadata as it may be given, under the registered names of RFC 7591 2, OIDC Registration 1.0 2, RP-Initiated
 * Logout 3, Back-Channel Logout 2.2, RFC 9126 6, RFC 9449 5.2, and a few of our own for operators. What is left out gets
 * the defaults of metadata.ts; what is unknown is refused.
 */
export const clientMetadataShape = z.strictObject({
  redirect_uris: redirectUris.optional().meta({
    description:
      'Where people are sent back to. Compared exactly; on loopback, native apps may use any port.',
  }),
  post_logout_redirect_uris: redirectUris
    .optional()
    .meta({ description: 'Where people may be sent after a sign-out. Compared exactly.' }),
  grant_types: z
    .array(z.enum(grantTypes))
    .min(1)
    .optional()
    .meta({ default: ['authorization_code'] }),
  response_types: z
    .array(z.literal('code'))
    .max(1)
    .optional()
    .meta({ description: '["code"] with the grant type authorization_code, otherwise [].' }),
  token_endpoint_auth_method: z.enum(authMethods).optional().meta({
    description:
      'How the client proves itself; none is for public clients. Default: client_secret_basic, private_key_jwt under the profile fapi2.',
  }),
  token_endpoint_auth_signing_alg: algorithm
    .optional()
    .meta({ description: 'The only one accepted with private_key_jwt.' }),
  application_type: z.enum(['web', 'native']).optional().meta({ default: 'web' }),
  client_name: humanText(100).optional().meta({ description: 'What people see.' }),
  client_uri: page.optional().meta({ description: "The client's home page." }),
  logo_uri: endpoint.optional(),
  policy_uri: page.optional(),
  tos_uri: page.optional(),
  contacts: z
    .array(z.email({ pattern: z.regexes.html5Email }).max(254))
    .max(20)
    .optional(),
  scope: z
    .string()
    .max(4096)
    .regex(scopeTokens, 'Give scopes separated by single spaces.')
    .optional()
    .meta({
      description: `All that the client may ask for. Left out: ${personScope}; for a client without people, nothing.`,
    }),
  jwks: jwks.optional().meta({ description: 'Public keys of the client; not together with jwks_uri.' }),
  jwks_uri: endpoint.optional(),
  id_token_signed_response_alg: algorithm
    .optional()
    .meta({ description: 'Default: RS256, PS256 under the profile fapi2.' }),
  userinfo_signed_response_alg: algorithm.optional().meta({ description: 'Left out: plain JSON.' }),
  subject_type: z.literal('public').optional().meta({ default: 'public' }),
  default_max_age: z
    .int()
    .min(0)
    .max(31_536_000)
    .optional()
    .meta({ description: 'Seconds since the last sign-in.' }),
  require_auth_time: z.boolean().optional().meta({ default: false }),
  default_acr_values: z.array(z.enum(acrValues)).max(acrValues.length).optional(),
  initiate_login_uri: webUri({ fragment: 'refused', httpsOnly: true }).optional(),
  dpop_bound_access_tokens: z
    .boolean()
    .optional()
    .meta({ description: 'Default: false, true under the profile fapi2.' }),
  require_pushed_authorization_requests: z
    .boolean()
    .optional()
    .meta({ description: 'Default: false, true under the profile fapi2.' }),
  software_id: humanText(255).optional(),
  software_version: humanText(255).optional(),
  backchannel_logout_uri: webUri({ fragment: 'refused' })
    .optional()
    .meta({ description: 'Where the client is told of sign-outs (Back-Channel Logout 1.0 2.2).' }),
  backchannel_logout_session_required: z
    .boolean()
    .optional()
    .meta({ description: 'Whether it needs to know which session has ended.' }),
  skip_consent: z
    .boolean()
    .optional()
    .meta({ default: false, description: 'People are not asked: for own apps only.' }),
  require_pkce: z
    .boolean()
    .optional()
    .meta({ default: true, description: 'false only for a confidential client that cannot do PKCE.' }),
  allowed_cors_origins: z.array(checked(faultInOrigin)).max(mostUris).optional().meta({
    description:
      'Origins whose scripts may call the token endpoint. Left out: those of the redirect URIs of a public client.',
  }),
  introspection_scope: z.enum(['own', 'any']).optional().meta({
    default: 'own',
    description: 'Whose tokens the client may introspect; any is for resource servers.',
  }),
  sign_up: z.enum(signUpModes).optional().meta({
    description:
      'Who may sign up coming from this client, in place of the setting SIGN_UP; a server that is closed stays closed.',
  }),
  sign_up_domains: z.array(checked(faultInDomain)).min(1).max(mostUris).optional().meta({
    description: 'With "domains": the domains of addresses, in place of the setting SIGN_UP_DOMAINS.',
  }),
  require_verified_email: z.boolean().optional().meta({
    description: 'Whether only people whose address is confirmed may sign in. Left out: false.',
  }),
  profile: z
    .enum(['default', 'fapi2'])
    .optional()
    .meta({ default: 'default', description: 'fapi2: the FAPI 2.0 Security Profile, and nothing weaker.' }),
});

/** Metadata as given, in the right shape. */
export type GivenMetadata = z.output<typeof clientMetadataShape>;
