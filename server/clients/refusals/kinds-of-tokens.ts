/** What can be wrong with codes and tokens, and with proofs that go with them. */
export const kindsOfTokens = {
  grant_type_unsupported: {
    cause: 'The grant_type is not one that this server has.[ It was {grant_type}.]',
    remedy:
      'Use `authorization_code`, `refresh_token`, `client_credentials` or the device grant; not `password`.',
  },
  grant_type_not_allowed: {
    cause: 'The client is not registered for this grant_type.[ It was {grant_type}.]',
    remedy: 'Add it to `grant_types` of the client.',
  },
  code_unknown: {
    cause: 'The code is none of this server, or is long over.',
    remedy: 'Send the code as it came, decoded once, to the server that issued it.',
  },
  code_expired: {
    cause: 'The code came too late.',
    remedy: 'Redeem it at once: it lives for a minute.',
  },
  code_used: {
    cause: 'The code was redeemed before; what it brought then has ended.',
    remedy:
      'Redeem each code once: look for a callback that is loaded twice, a retry, or two instances. Otherwise somebody has seen it.',
  },
  code_of_other_client: {
    cause: 'The code was issued to another client.',
    remedy: 'Look for two configurations that are mixed. Otherwise the code was stolen; it has ended.',
  },
  code_redirect_uri_differs: {
    cause: 'The redirect_uri is not that of the authorization request.[ {difference}]',
    remedy: 'Send the same redirect_uri in both requests.',
  },
  pkce_verifier_missing: {
    cause: 'The authorization request had a code_challenge, and no code_verifier came with the code.',
    remedy: 'Keep the verifier where the callback finds it, such as the session, and send it.',
  },
  pkce_verifier_malformed: {
    cause: 'The code_verifier does not have the form of RFC 7636.[ It had {length} characters.]',
    remedy: 'Use 43 to 128 letters, digits, and `-._~`.',
  },
  pkce_verifier_mismatch: {
    cause: 'The code_verifier is not the one whose code_challenge was sent.',
    remedy:
      'Make one verifier for each sign-in and keep it with its state: a second tab must not overwrite it. The challenge is the base64url, without padding, of the SHA-256.',
  },
  pkce_verifier_unexpected: {
    cause: 'A code_verifier came with a code whose authorization request had no code_challenge.',
    remedy:
      'Send the code_challenge in the authorization request. Otherwise somebody has put in a code of theirs.',
  },
  refresh_token_unknown: {
    cause: 'The refresh token is none of this server, or was ended: by sign-out, revocation or reuse.',
    remedy: 'Send the person through a sign-in, and keep the newest token of each answer.',
  },
  refresh_token_expired: {
    cause: 'The refresh token has expired.',
    remedy: 'Send the person through a sign-in.',
  },
  refresh_token_reused: {
    cause: 'The refresh token was used before; all that came from it has ended.',
    remedy:
      'Store the new refresh token of each answer before it is used, and refresh in one place. Otherwise somebody has copied it.',
  },
  refresh_token_of_other_client: {
    cause: 'The refresh token was issued to another client.',
    remedy: 'Look for two configurations that are mixed. Otherwise the token was stolen; it has ended.',
  },
  device_code_unknown: {
    cause: 'The device code is none of this server, or was answered before.',
    remedy: 'Begin anew at the device authorization endpoint.',
  },
  device_code_expired: {
    cause: 'Nobody entered the code of the device in time.',
    remedy: 'Begin anew and show the new code.',
  },
  device_code_used: {
    cause: 'The device code was redeemed before.',
    remedy: 'Stop asking once tokens have come.',
  },
  device_code_of_other_client: {
    cause: 'The device code was issued to another client.',
    remedy: 'Ask with the client_id that began.',
  },
  grant_ended: {
    cause:
      'What the token or code hangs from is over: the person signed out, withdrew it, or an operator ended it.',
    remedy: 'Send the person through a sign-in.',
  },
  account_gone: {
    cause: 'The account of the token or code is disabled or deleted.',
    remedy: 'Nothing in the app. An operator may enable the account again.',
  },
  token_of_other_client: {
    cause: 'The token was issued to another client, and this one may not have it revoked.',
    remedy: 'Revoke with the client that the token was issued to.',
  },
  key_binding_mismatch: {
    cause: 'The token or code is bound to a key, and the request proves another one.',
    remedy: 'Keep the DPoP key for as long as the tokens live, and use it for all of them.',
  },
  dpop_proof_missing: {
    cause: 'The token or code is bound to a key, and no DPoP proof came along.',
    remedy: 'Send a DPoP proof with every request that uses it.',
  },
  dpop_proof_invalid: {
    cause: 'The DPoP proof is not valid.[ {said}.]',
    remedy:
      'Sign it with the key in its header, with typ dpop+jwt and an algorithm of the metadata (RFC 9449 4.2).',
  },
  dpop_claim_missing: {
    cause: 'The DPoP proof lacks a claim that it must have.[ {said}.]',
    remedy: 'Put jti, htm, htu and iat into each proof, and ath where it goes with an access token.',
  },
  dpop_method_mismatch: {
    cause: 'The DPoP proof is for another method.[ Its htm was {proof_method}; the request was {method}.]',
    remedy: 'Set htm to the method of the request, in capitals.',
  },
  dpop_url_mismatch: {
    cause: 'The DPoP proof is for another address.[ {difference}]',
    remedy: 'Set htu to the address of the request as the outside sees it, without query and fragment.',
  },
  dpop_token_mismatch: {
    cause: 'The DPoP proof is for another access token.',
    remedy: 'Set ath to the base64url of the SHA-256 of the access token that is sent.',
  },
  dpop_proof_replayed: {
    cause: 'The same DPoP proof was sent before.',
    remedy: 'Make a new proof with a new jti for each request, for repeated ones too.',
  },
  dpop_nonce_unsupported: {
    cause: 'The DPoP proof has a nonce, and this server gives none out.',
    remedy: 'Send a nonce only where the server asked for it.',
  },
  access_token_missing: {
    cause: 'No access token was sent.',
    remedy: 'Send `Authorization: Bearer` and the token; proxies in between may drop the header.',
  },
  access_token_transport: {
    cause: 'The access token was sent in a way that is not accepted.[ {said}.]',
    remedy: 'Send it in the Authorization header, once: with `Bearer`, or `DPoP` if it is bound.',
  },
  access_token_invalid: {
    cause: 'The access token is none of this server, has expired, or was ended.',
    remedy: 'Refresh it or ask for a new one. An ID token is no access token.',
  },
  access_token_audience_wrong: {
    cause: 'The access token is meant for another API.[ It was sent to {api}.]',
    remedy: 'Ask for a token with the `resource` of this API; userinfo takes tokens without a resource.',
  },
  access_token_scope_missing: {
    cause: 'The access token lacks a scope that is needed here.[ {said}.]',
    remedy:
      'Ask for the scope, and have it registered for the client and conferred by a role where that is needed.',
  },
  introspection_form: {
    cause: 'The client is registered for signed answers of introspection, and asked for plain ones.',
    remedy: 'Send `Accept: application/token-introspection+jwt`.',
  },
  unexplained: {
    cause: 'The request was refused for a reason that has no explanation of its own.[ {said}.]',
    remedy: 'Compare the request with the specification that the OAuth error belongs to.',
  },
} as const;
