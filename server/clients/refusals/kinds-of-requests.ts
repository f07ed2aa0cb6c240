/** What can be wrong with what an app asks for: authorization, sign-out, and the parameters of every request. */
export const kindsOfRequests = {
  client_unknown: {
    cause: 'No client is registered under the client_id that was sent.[ It was {client_id}.]',
    remedy: 'Configure the app with a client_id of this server (`GET /clients`), or register the app.',
  },
  client_id_mismatch: {
    cause: 'The request names two different clients.',
    remedy: 'Send one client_id; in the Authorization header and in the assertion it must be the same.',
  },
  redirect_uri_unregistered: {
    cause:
      'The redirect_uri is none of those that are registered for the client; they are compared character by character.[ {difference}]',
    remedy:
      'Make the app send the registered address exactly, or add what it sends to `redirect_uris` of the client.',
  },
  post_logout_redirect_uri_unregistered: {
    cause:
      'The post_logout_redirect_uri is none of those that are registered for the client; they are compared character by character.[ {difference}]',
    remedy:
      'Make the app send the registered address exactly, or add what it sends to `post_logout_redirect_uris` of the client.',
  },
  parameter_missing: {
    cause: 'A parameter that is needed was not sent.[ Missing: {parameters}.]',
    remedy: 'Make the app send it; an empty value counts as none.',
  },
  parameter_duplicate: {
    cause: 'A parameter was sent more than once.[ Twice: {parameters}.]',
    remedy: 'Make the app send it once, in the query or in the body.',
  },
  parameter_invalid: {
    cause: 'A parameter has a value that is not understood.[ {said}.]',
    remedy: 'Correct the parameter in the app.',
  },
  body_unreadable: {
    cause: 'The body could not be read as a form.[ Its content type was {content_type}.]',
    remedy: 'Send parameters as `application/x-www-form-urlencoded` in UTF-8, not as JSON.',
  },
  method_not_allowed: {
    cause: 'The address was asked by a method that it does not answer to.[ It was {method}.]',
    remedy:
      'Send a POST to the token endpoint and the other endpoints for programs; redirects turn a POST into a GET.',
  },
  response_type_unsupported: {
    cause: 'The response_type is not one that this server has.[ It was {response_type}.]',
    remedy: 'Use `response_type=code` with PKCE; the implicit and the hybrid flow are not offered.',
  },
  response_type_not_allowed: {
    cause: 'The client is not registered for this response_type.[ It was {response_type}.]',
    remedy: 'Add it to `response_types` of the client; a service without people has none.',
  },
  response_mode_unsupported: {
    cause: 'The response_mode is unknown or does not go with the request.[ It was {response_mode}.]',
    remedy: 'Leave it out, or use `query` or `form_post`.',
  },
  pkce_missing: {
    cause: 'The authorization request has no code_challenge, and PKCE is required of this client.',
    remedy:
      'Switch PKCE with S256 on in the app. For a confidential client that cannot, an operator may set `require_pkce` to false.',
  },
  pkce_method_unsupported: {
    cause: 'The code_challenge_method is not S256.[ It was {code_challenge_method}.]',
    remedy:
      'Send `code_challenge_method=S256` and the SHA-256 of the verifier in base64url as code_challenge.',
  },
  pkce_challenge_malformed: {
    cause: 'The code_challenge does not have the form of RFC 7636.',
    remedy: 'Send the SHA-256 of the verifier in base64url without padding: 43 characters.',
  },
  scope_unknown: {
    cause: 'A scope was asked for that this server does not know.[ It was {scope}.]',
    remedy: 'Correct its spelling; scopes of an API also need `resource` with the audience of that API.',
  },
  scope_not_registered: {
    cause: 'A scope was asked for that the client is not registered for.[ It was {scope}.]',
    remedy: 'Add it to `scope` of the client, or leave it out of the request.',
  },
  scope_malformed: {
    cause: 'The scope parameter has characters that no scope may have.',
    remedy: 'Separate scopes by single spaces, encoded as `+` or `%20`; no commas, quotes or line ends.',
  },
  scope_not_granted: {
    cause: 'More was asked for than may be had.[ Too much: {scope}.]',
    remedy:
      'Ask for no more than was granted at first, or have the roles and the registration of the client widened.',
  },
  openid_scope_missing: {
    cause: 'The request uses what only OpenID Connect has, without the scope openid.[ {said}.]',
    remedy: 'Add `openid` to the scope, or leave the parameter out.',
  },
  prompt_invalid: {
    cause: 'The prompt parameter has an unknown value, or `none` beside others.[ It was {prompt}.]',
    remedy: 'Send one of `none`, `login`, `consent`, `create`; `none` stands alone.',
  },
  claims_invalid: {
    cause: 'The claims parameter is not what OpenID Connect Core 5.5 describes.[ {said}.]',
    remedy: 'Send a JSON object with `userinfo` or `id_token` in it, URL-encoded once.',
  },
  sign_in_needed: {
    cause: 'The app asked with prompt=none, and the person has to sign in first.',
    remedy: 'This is an answer, no fault: the app sends the person through a request without prompt=none.',
  },
  consent_needed: {
    cause: 'The app asked with prompt=none, and the person has to agree first.',
    remedy:
      'Send the person through a request without prompt=none once; an operator may set `skip_consent` for an own app.',
  },
  interaction_needed: {
    cause: 'The app asked with prompt=none, and something has to be asked of the person first.',
    remedy: 'Send the person through a request without prompt=none; apps of type `native` always ask.',
  },
  person_declined: {
    cause: 'The person did not agree, or what they may have was nothing of what was asked for.',
    remedy: 'Nothing is broken: let the app offer to begin again, and ask for less.',
  },
  authentication_too_weak: {
    cause: 'The app insists on a sign-in that the person cannot give.[ {said}.]',
    remedy: 'Let the person add a second factor, or ask for the acr as a voluntary claim.',
  },
  resource_unknown: {
    cause: 'The resource is not the audience of any resource server.[ It was {resource}.]',
    remedy: 'Send the exact `resource` of a registered resource server; a slash at the end counts.',
  },
  resource_not_allowed: {
    cause: 'The client may not ask for this resource server.[ It was {resource}.]',
    remedy: 'Add the client to `clients` of the resource server.',
  },
  resource_malformed: {
    cause: 'The resource is not an absolute URI without a fragment (RFC 8707 2).[ It was {resource}.]',
    remedy: 'Send the audience as it is registered, beginning with its scheme.',
  },
  resource_ambiguous: {
    cause: 'One token was asked for several resources, or for none where one is needed.',
    remedy: 'Name one resource in each request for a token.',
  },
  request_object_invalid: {
    cause: 'The request object could not be accepted.[ {said}.]',
    remedy: 'Sign it with a key of the client, for this issuer as audience, just before it is sent.',
  },
  request_parameter_unsupported: {
    cause: 'The app sends its request as a signed object or by reference, which this server does not take.',
    remedy: 'Send plain parameters, or push them first (RFC 9126) and send the request_uri that comes back.',
  },
  pushed_request_gone: {
    cause: 'The request_uri is unknown, over, or was used before.',
    remedy:
      'Push the request just before the person is sent here; it lives for a minute and serves once, so going back in the browser needs a new one.',
  },
  pushed_request_required: {
    cause: 'The client is registered to push its requests, and sent one directly.',
    remedy: 'Use the endpoint for pushed requests, or unset `require_pushed_authorization_requests`.',
  },
  id_token_hint_invalid: {
    cause: 'The id_token_hint is no ID token of this server for this client.[ {said}.]',
    remedy:
      'Send the ID token that the app got last, whole and unchanged; not an access token, and not one of another environment.',
  },
  origin_not_allowed: {
    cause: 'A script in a browser asked from an origin that the client does not allow.[ It was {origin}.]',
    remedy: 'Add the origin to `allowed_cors_origins` of the client: scheme, host and port, without a path.',
  },
} as const;
