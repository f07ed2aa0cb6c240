/** What can be wrong with how a client proves itself. */
export const kindsOfAuthentication = {
  authentication_missing: {
    cause: 'The request says neither which client it is from nor proves it.',
    remedy: 'Send client_id, and the proof by the method that the client is registered for.',
  },
  authentication_ambiguous: {
    cause: 'The client proves itself in more than one way in one request.[ Sent: {sent_methods}.]',
    remedy: 'Choose one: the Authorization header, client_secret in the body, or an assertion.',
  },
  authentication_method_mismatch: {
    cause:
      'The client proves itself in another way than it is registered for.[ Sent: {sent_method}; registered: {registered_method}.]',
    remedy: 'Change the method in the app, or `token_endpoint_auth_method` of the client.',
  },
  authorization_header_malformed: {
    cause: 'The Authorization header is not what RFC 6749 2.3.1 describes.',
    remedy: 'Send `Basic` and the base64 of client_id:client_secret, each form-urlencoded before.',
  },
  secret_missing: {
    cause: 'The client has a secret, and none was sent.',
    remedy:
      'Configure the secret in the app. An app that cannot keep one is registered with `token_endpoint_auth_method` none.',
  },
  secret_wrong: {
    cause: 'The secret is none of those that the client has.',
    remedy:
      'Compare the configuration of the app: another environment, a line end or a cut value is common. Make a new secret if it is lost.',
  },
  secret_expired: {
    cause: 'The secret was right, and has expired.[ It ended on {expired_at}.]',
    remedy: 'Make a new secret for the client and put it into the app.',
  },
  secret_guesses_held: {
    cause:
      'Too many wrong secrets for this client came from one network address, so this one was not looked at.',
    remedy: 'Stop whatever sends the old secret, wait a minute, then try the right one.',
  },
  assertion_missing: {
    cause: 'The client is registered to prove itself by a signed assertion, and sent none.',
    remedy: 'Send client_assertion and client_assertion_type (RFC 7523 2.2).',
  },
  assertion_malformed: {
    cause: 'The client assertion cannot be read, or its type is not the one of RFC 7523.[ {said}.]',
    remedy:
      'Send a signed JWT, and client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer.',
  },
  assertion_claim_missing: {
    cause: 'The client assertion lacks a claim that it must have.[ {said}.]',
    remedy: 'Put iss and sub (both the client_id), aud, exp and a jti of its own into each assertion.',
  },
  assertion_issuer_wrong: {
    cause: 'The issuer of the client assertion is not the client_id.[ It was {issuer}.]',
    remedy: 'Set iss and sub to the client_id.',
  },
  assertion_audience_wrong: {
    cause: 'The client assertion is meant for somebody else.[ Its audience was {audience}.]',
    remedy: 'Set aud to the issuer of this server, exactly as its metadata names it.',
  },
  assertion_algorithm_wrong: {
    cause:
      'The client assertion is signed by an algorithm that is not accepted of this client.[ Sent: {algorithm}.][ Registered: {registered_algorithm}.]',
    remedy:
      'Sign with an algorithm of the metadata, and with `token_endpoint_auth_signing_alg` where it is set.',
  },
  assertion_expired: {
    cause: 'The client assertion has expired.[ It ended {seconds} s before it arrived.]',
    remedy: 'Make a new assertion for each request, and let it live for a minute.',
  },
  assertion_signature_wrong: {
    cause: 'The signature of the client assertion does not fit the registered keys.',
    remedy: 'Sign with the private half of a key in `jwks` or at `jwks_uri` of the client.',
  },
  assertion_replayed: {
    cause: 'The same client assertion was sent before.',
    remedy: 'Make a new assertion with a new jti for each request, for repeated ones too.',
  },
  key_unknown: {
    cause:
      'None of the keys of the client fits the assertion.[ It names the key {key_id} ({algorithm}).][ Registered: {registered_keys}.]',
    remedy: 'Publish the key at `jwks_uri` or put it into `jwks` of the client, with the same kid and alg.',
  },
  client_keys_unreachable: {
    cause: 'The keys of the client could not be fetched.[ {jwks_uri}: {said}.]',
    remedy:
      'Make the address answer this server with a key set in JSON within a few seconds; private addresses have to be on GATEHOUSE_FETCH_ALLOW.',
  },
  client_keys_invalid: {
    cause: 'The key set of the client is not valid.[ {said}.]',
    remedy: 'Publish public keys only, each with kty and what belongs to it.',
  },
  clock_ahead: {
    cause: "The client's clock is ahead: what it signed is not valid yet.[ By {seconds} s, in its {signed}.]",
    remedy: 'Set the clock of that machine by NTP; this server bears 15 s in assertions.',
  },
  clock_behind: {
    cause:
      "The client's clock is behind, or it sends something again that it signed before.[ By {seconds} s, in its {signed}.]",
    remedy: 'Set the clock of that machine by NTP, and sign anew for each request.',
  },
  client_metadata_invalid: {
    cause: 'What is registered for the client cannot be used.[ {said}.]',
    remedy: 'Read the client in the admin API and correct it there.',
  },
} as const;
