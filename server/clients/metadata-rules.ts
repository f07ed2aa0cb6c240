import type { FieldFault } from '../errors.ts';
import type { ClientMetadata } from './metadata.ts';
import { faultInRedirectUriOf } from './uri-rules.ts';

type Rule = (metadata: ClientMetadata) => FieldFault[];

const deviceCode = 'urn:ietf:params:oauth:grant-type:device_code';

/** Every contradiction between fields of complete metadata. Pure: no storage, no clock. */
export function findFaultsBetweenFields(metadata: ClientMetadata): FieldFault[] {
  return rules.flatMap((rule) => rule(metadata));
}

const isPublic = (metadata: ClientMetadata): boolean => metadata.token_endpoint_auth_method === 'none';

function when(broken: boolean, field: string, message: string): FieldFault[] {
  return broken ? [{ field, message }] : [];
}

/** RFC 6749 3.1.2.2: all clients that send people here register where they come back. */
const redirectUrisForCodes: Rule = ({ grant_types, redirect_uris }) =>
  when(
    grant_types.includes('authorization_code') && redirect_uris.length === 0,
    'redirect_uris',
    'At least one is needed for the grant type authorization_code.',
  );

/** OIDC Registration 1.0 2 `application_type`, RFC 8252 7. */
const redirectUrisOfType: Rule = (metadata) =>
  (['redirect_uris', 'post_logout_redirect_uris'] as const).flatMap((field) =>
    metadata[field].flatMap((uri, index) => {
      const message = faultInRedirectUriOf(metadata.application_type, uri);
      return message === undefined ? [] : [{ field: `${field}.${index}`, message }];
    }),
  );

/** RFC 7591 2.1: grant types and response types say the same. */
const responseTypesOfGrants: Rule = ({ grant_types, response_types }) =>
  when(
    grant_types.includes('authorization_code') !== response_types.includes('code'),
    'response_types',
    'Leave it out, or give ["code"] if and only if grant_types has authorization_code.',
  );

/** RFC 6749 4.4: only confidential clients act for themselves; anybody could be a public one. */
const servicesAreConfidential: Rule = (metadata) =>
  when(
    metadata.grant_types.includes('client_credentials') && isPublic(metadata),
    'grant_types',
    'client_credentials needs a token_endpoint_auth_method other than none.',
  );

/** RFC 6749 1.5: refresh tokens come with what a person has granted, never from nothing (4.4.3). */
const refreshNeedsPerson: Rule = ({ grant_types }) =>
  when(
    grant_types.includes('refresh_token') &&
      !grant_types.includes('authorization_code') &&
      !grant_types.includes(deviceCode),
    'grant_types',
    'refresh_token makes sense only with authorization_code or device_code.',
  );

/** RFC 7591 2: both at once are forbidden; private_key_jwt (RFC 7523 2.2) needs one of them, with a key that signs. */
const keys: Rule = ({ token_endpoint_auth_method: method, jwks, jwks_uri }) => [
  ...when(jwks !== undefined && jwks_uri !== undefined, 'jwks_uri', 'Give jwks or jwks_uri, not both.'),
  ...when(
    method === 'private_key_jwt' && jwks === undefined && jwks_uri === undefined,
    'jwks',
    'private_key_jwt needs jwks or jwks_uri.',
  ),
  ...when(
    method === 'private_key_jwt' &&
      jwks?.keys.every(({ use, crv }) => use === 'enc' || crv === 'X25519') === true,
    'jwks',
    'private_key_jwt needs a key that may sign.',
  ),
];

/** OIDC Registration 1.0 2 `token_endpoint_auth_signing_alg`. */
const authSigningAlgorithm: Rule = (metadata) =>
  when(
    metadata.token_endpoint_auth_signing_alg !== undefined &&
      metadata.token_endpoint_auth_method !== 'private_key_jwt',
    'token_endpoint_auth_signing_alg',
    'Only clients with private_key_jwt sign at the token endpoint.',
  );

/** RFC 9700 2.1.1: public clients MUST use PKCE. */
const pkceOfPublicClients: Rule = (metadata) =>
  when(
    !metadata.require_pkce && isPublic(metadata),
    'require_pkce',
    'Only a confidential client can be exempted from PKCE.',
  );

/** RFC 7662 2.1: who introspects must be known. */
const introspectionOfOthers: Rule = (metadata) =>
  when(
    metadata.introspection_scope === 'any' && isPublic(metadata),
    'introspection_scope',
    'Only a confidential client may introspect the tokens of others.',
  );

/** FAPI 2.0 Security Profile 5.3.2.1 and 5.4.1. mTLS is not offered here, so tokens are bound by DPoP. */
const fapi: Rule = (metadata) => {
  if (metadata.profile !== 'fapi2') return [];
  const needed = (broken: boolean, field: string, value: string) =>
    when(broken, field, `The profile fapi2 needs ${value}.`);
  return [
    ...needed(
      metadata.token_endpoint_auth_method !== 'private_key_jwt',
      'token_endpoint_auth_method',
      'private_key_jwt',
    ),
    ...needed(
      metadata.token_endpoint_auth_signing_alg === 'RS256',
      'token_endpoint_auth_signing_alg',
      'PS256, ES256 or EdDSA',
    ),
    ...needed(
      metadata.id_token_signed_response_alg === 'RS256',
      'id_token_signed_response_alg',
      'PS256, ES256 or EdDSA',
    ),
    ...needed(
      metadata.userinfo_signed_response_alg === 'RS256',
      'userinfo_signed_response_alg',
      'PS256, ES256 or EdDSA',
    ),
    ...needed(!metadata.require_pkce, 'require_pkce', 'true'),
    ...needed(!metadata.dpop_bound_access_tokens, 'dpop_bound_access_tokens', 'true'),
    ...needed(
      !metadata.require_pushed_authorization_requests,
      'require_pushed_authorization_requests',
      'true',
    ),
  ];
};

const rules: readonly Rule[] = [
  redirectUrisForCodes,
  redirectUrisOfType,
  responseTypesOfGrants,
  servicesAreConfidential,
  refreshNeedsPerson,
  keys,
  authSigningAlgorithm,
  pkceOfPublicClients,
  introspectionOfOthers,
  fapi,
];
