import type { RefusalCode } from '../../clients/refusals/kinds.ts';

/** How the engine (oidc-provider 9.13) says why it refused, and what that is to an operator. */
export interface EngineWords {
  says: string | RegExp;
  code: RefusalCode;
  /** The OAuth error that goes with it, where others say the same. */
  error?: string;
  endpoint?: string;
  grantType?: string;
}

const device = 'urn:ietf:params:oauth:grant-type:device_code';

/**
 * The first that fits counts; what the engine says for the log comes before what it tells the client. The test of this table
 * reads the engine's sources: a sentence that is not in them any more, or a new one that is not here, fails it.
 */
export const engineWords: readonly EngineWords[] = [
  // Parameters
  { says: /^missing required parameters? /, code: 'parameter_missing' },
  { says: / parameters? must not be provided twice$/, code: 'parameter_duplicate' },
  { says: 'failed to parse the request body', code: 'body_unreadable' },
  { says: /^only .+ content-type bodies are supported on /, code: 'body_unreadable' },
  { says: 'invalid max_age parameter value', code: 'parameter_invalid' },
  { says: 'invalid claims.id_token.acr.values type', code: 'claims_invalid' },
  { says: 'multiple proof-of-possession mechanisms are not allowed', code: 'parameter_invalid' },
  { says: /^authorization_details parameter is not supported/, code: 'parameter_invalid' },
  { says: 'unsupported prompt value requested', code: 'prompt_invalid' },
  { says: 'prompt none must only be used alone', code: 'prompt_invalid' },
  { says: /^requested response_mode is not allowed for/, code: 'response_mode_unsupported' },
  { says: 'Web Message Response Mode Relay Mode is not supported', code: 'response_mode_unsupported' },
  { says: 'requested response_type is not allowed for this client', code: 'response_type_not_allowed' },
  { says: 'requested grant type is not allowed for this client', code: 'grant_type_not_allowed' },
  { says: / is not allowed for this client$/, code: 'grant_type_not_allowed', error: 'invalid_request' },
  { says: /^origin .+ not allowed for client: /, code: 'origin_not_allowed' },
  { says: 'post_logout_redirect_uri not registered', code: 'post_logout_redirect_uri_unregistered' },
  { says: /^introspection must be requested with Accept: /, code: 'introspection_form' },
  { says: "redirect_uri did not match any of the client's", code: 'redirect_uri_unregistered' },
  // Scopes, claims, resources
  { says: 'scope contains invalid characters', code: 'scope_malformed' },
  { says: 'requested scope is not allowed', code: 'scope_not_registered' },
  { says: /^refresh token missing requested scopes?(?: |$)/, code: 'scope_not_granted' },
  { says: /^openid scope must be requested /, code: 'openid_scope_missing' },
  { says: /^claims parameter should /, code: 'claims_invalid' },
  { says: 'could not parse the claims parameter JSON', code: 'claims_invalid' },
  { says: /^claims\.(?:userinfo|id_token) should /, code: 'claims_invalid' },
  { says: 'no such resource server', code: 'resource_unknown' },
  { says: 'this client may not ask for this resource server', code: 'resource_not_allowed' },
  { says: 'resource indicator must be an absolute URI', code: 'resource_malformed' },
  { says: 'resource indicator must not contain a fragment component', code: 'resource_malformed' },
  { says: /^only a single (?:resource indicator|audience) value /, code: 'resource_ambiguous' },
  { says: /^resource indicator (?:must be provided|is missing)/, code: 'resource_ambiguous' },
  // PKCE
  { says: 'Authorization Server policy requires PKCE to be used for this request', code: 'pkce_missing' },
  { says: 'code_challenge must be provided with code_challenge_method', code: 'pkce_missing' },
  { says: 'code_challenge_method must be provided', code: 'pkce_method_unsupported' },
  { says: 'not supported value of code_challenge_method', code: 'pkce_method_unsupported' },
  { says: /^code_challenge (?:must be a string|contains invalid)/, code: 'pkce_challenge_malformed' },
  { says: /^code_verifier (?:must be a string|contains invalid)/, code: 'pkce_verifier_malformed' },
  { says: 'code_verifier must be provided', code: 'pkce_verifier_missing' },
  { says: 'code_verifier does not match code_challenge', code: 'pkce_verifier_mismatch' },
  // Who has no challenge has no method either.
  { says: 'unsupported code_challenge_method', code: 'pkce_verifier_unexpected' },
  // Pushed requests and request objects
  { says: 'request_uri is invalid, expired, or was already used', code: 'pushed_request_gone' },
  { says: 'invalid request_uri', code: 'pushed_request_gone' },
  { says: 'Pushed Authorization Request must be used', code: 'pushed_request_required' },
  { says: 'request and request_uri parameters MUST NOT be used together', code: 'request_object_invalid' },
  { says: 'Request Object must be used by this client', code: 'request_object_invalid' },
  { says: 'DPoP proof key thumbprint does not match dpop_jkt', code: 'key_binding_mismatch' },
  // Clients and their proofs
  { says: 'client not found', code: 'client_unknown' },
  { says: 'client_id mismatch', code: 'client_id_mismatch' },
  {
    says: 'client authentication must only be provided using one mechanism',
    code: 'authentication_ambiguous',
  },
  { says: 'no client authentication mechanism provided', code: 'authentication_missing' },
  { says: /authentication mechanism does not match the registered/, code: 'authentication_method_mismatch' },
  { says: 'invalid authorization header value format', code: 'access_token_transport', endpoint: 'userinfo' },
  { says: 'invalid authorization header value format', code: 'authorization_header_malformed' },
  { says: /in the authorization header are not properly encoded$/, code: 'authorization_header_malformed' },
  { says: 'client_secret must be provided in the Authorization header', code: 'secret_missing' },
  { says: 'invalid secret provided', code: 'secret_wrong' },
  { says: /client_secret expired at /, code: 'secret_expired' },
  { says: 'invalid client_assertion format', code: 'assertion_malformed' },
  { says: /^client_assertion_type must /, code: 'assertion_malformed' },
  { says: /must be (?:provided|specified) in the client_assertion JWT$/, code: 'assertion_claim_missing' },
  { says: 'iss (JWT issuer) must be the client_id', code: 'assertion_issuer_wrong' },
  { says: /audience \(aud\) must (?:equal|include) the endpoint url/, code: 'assertion_audience_wrong' },
  { says: 'alg mismatch', code: 'assertion_algorithm_wrong' },
  { says: 'client assertion tokens must only be used once', code: 'assertion_replayed' },
  { says: 'client JSON Web Key Set failed to be refreshed', code: 'client_keys_unreachable' },
  { says: 'client JSON Web Key Set is invalid', code: 'client_keys_invalid' },
  { says: /^no suitable encryption key found/, code: 'client_keys_invalid' },
  // Proofs of keys, before what is said of any JWT
  { says: 'DPoP proof iat is not recent enough', code: 'clock_behind' },
  { says: 'DPoP nonces are not supported', code: 'dpop_nonce_unsupported' },
  { says: 'DPoP proof htm mismatch', code: 'dpop_method_mismatch' },
  { says: 'DPoP proof htu mismatch', code: 'dpop_url_mismatch' },
  { says: 'DPoP proof ath mismatch', code: 'dpop_token_mismatch' },
  { says: 'DPoP proof JWT Replay detected', code: 'dpop_proof_replayed' },
  { says: /^DPoP proof (?:must have a|nonce must)/, code: 'dpop_claim_missing' },
  { says: 'missing DPoP proof JWT', code: 'dpop_proof_missing' },
  { says: '`DPoP` header not provided', code: 'dpop_proof_missing' },
  { says: 'DPoP proof JWT not provided', code: 'dpop_proof_missing' },
  { says: 'invalid DPoP key binding', code: 'dpop_proof_invalid' },
  { says: 'failed jkt verification', code: 'key_binding_mismatch' },
  { says: 'failed x5t#S256 verification', code: 'key_binding_mismatch' },
  { says: /^access token is not sender-constrained/, code: 'key_binding_mismatch' },
  { says: 'mutual TLS client certificate not provided', code: 'dpop_proof_missing' },
  // Hints, before what is said of any JWT
  { says: /id_token_hint/, code: 'id_token_hint_invalid', error: 'invalid_request' },
  { says: 'unrecognized id_token_hint audience', code: 'client_unknown' },
  // Any JWT, which of a client is its assertion
  { says: 'jwt expired', code: 'assertion_expired', error: 'invalid_client' },
  { says: 'jwt not active yet', code: 'clock_ahead', error: 'invalid_client' },
  { says: 'jwt issued in the future', code: 'clock_ahead', error: 'invalid_client' },
  {
    says: /^invalid (?:nbf|iat|exp|jti|iss|aud|sub) value$/,
    code: 'assertion_malformed',
    error: 'invalid_client',
  },
  {
    says: 'payload is not of JWT type (JSON serialized object)',
    code: 'assertion_malformed',
    error: 'invalid_client',
  },
  { says: 'no applicable key found in the JSON Web Key Set', code: 'key_unknown', error: 'invalid_client' },
  { says: 'signature verification failed', code: 'assertion_signature_wrong', error: 'invalid_client' },
  // Codes and tokens
  { says: 'authorization code not found', code: 'code_unknown' },
  { says: 'authorization code is expired', code: 'code_expired' },
  { says: 'authorization code already consumed', code: 'code_used' },
  { says: 'authorization code redirect_uri mismatch', code: 'code_redirect_uri_differs' },
  { says: 'refresh token not found', code: 'refresh_token_unknown' },
  { says: 'refresh token is expired', code: 'refresh_token_expired' },
  { says: /^refresh token already (?:used|consumed)$/, code: 'refresh_token_reused' },
  { says: 'device code not found', code: 'device_code_unknown' },
  { says: 'device code is expired', code: 'device_code_expired' },
  { says: 'device code already consumed', code: 'device_code_used' },
  { says: 'client mismatch', code: 'code_of_other_client', grantType: 'authorization_code' },
  { says: 'client mismatch', code: 'refresh_token_of_other_client', grantType: 'refresh_token' },
  { says: 'client mismatch', code: 'device_code_of_other_client', grantType: device },
  { says: / invalid \(referenced account not found\)$/, code: 'account_gone' },
  { says: 'accountId mismatch', code: 'grant_ended', error: 'invalid_grant' },
  { says: 'grant not found', code: 'grant_ended' },
  { says: 'grant is expired', code: 'grant_ended' },
  { says: 'the resource server was made anew after the grant', code: 'grant_ended' },
  { says: 'client is not authorized to revoke the presented token', code: 'token_of_other_client' },
  { says: 'no access token provided', code: 'access_token_missing' },
  { says: 'access token not found', code: 'access_token_invalid' },
  { says: /^associated (?:client|account) not found$/, code: 'access_token_invalid' },
  { says: /^(?:clientId|accountId) mismatch$/, code: 'access_token_invalid' },
  { says: /^token audience prevents accessing the userinfo/, code: 'access_token_audience_wrong' },
  { says: /^access token missing /, code: 'access_token_scope_missing' },
  { says: /^access tokens? must /, code: 'access_token_transport' },
  { says: /^authorization header scheme must be /, code: 'access_token_transport' },
  { says: /^`DPoP` tokens must be provided via/, code: 'access_token_transport' },
  // What people and their sessions decide
  { says: /^none of the requested ACRs|^requested ACR could not/, code: 'authentication_too_weak' },
];

/** What an OAuth error means where the engine says no more. */
export const engineErrors: Readonly<Record<string, RefusalCode>> = {
  access_denied: 'person_declined',
  consent_required: 'consent_needed',
  expired_token: 'device_code_expired',
  interaction_required: 'interaction_needed',
  insufficient_scope: 'access_token_scope_missing',
  invalid_client_metadata: 'client_metadata_invalid',
  invalid_dpop_proof: 'dpop_proof_invalid',
  invalid_redirect_uri: 'redirect_uri_unregistered',
  invalid_scope: 'scope_not_granted',
  invalid_request_object: 'request_object_invalid',
  invalid_request_uri: 'pushed_request_gone',
  invalid_target: 'resource_ambiguous',
  invalid_token: 'access_token_invalid',
  login_required: 'sign_in_needed',
  registration_not_supported: 'request_parameter_unsupported',
  request_not_supported: 'request_parameter_unsupported',
  request_uri_not_supported: 'request_parameter_unsupported',
  unmet_authentication_requirements: 'authentication_too_weak',
  unsupported_grant_type: 'grant_type_unsupported',
  unsupported_response_mode: 'response_mode_unsupported',
  unsupported_response_type: 'response_type_unsupported',
};

/** What the engine has said of a refusal, for the log and for the client. */
export interface Said {
  sentences: readonly string[];
  error: string;
  endpoint: string;
  grantType: string | undefined;
}

/** The code that an operator is shown. */
export function codeOf({ sentences, error, endpoint, grantType }: Said): RefusalCode {
  const fits = (words: EngineWords): boolean =>
    [undefined, error].includes(words.error) &&
    [undefined, endpoint].includes(words.endpoint) &&
    [undefined, grantType].includes(words.grantType) &&
    sentences.some((sentence) => isSaid(words, sentence));
  return engineWords.find(fits)?.code ?? engineErrors[error] ?? 'unexplained';
}

export const isSaid = ({ says }: EngineWords, sentence: string): boolean =>
  typeof says === 'string' ? sentence === says || sentence.startsWith(`${says} `) : says.test(sentence);
