import { errors, Provider } from 'oidc-provider';

/** Where the engine asks whether the client may use the grant type that the request is about. */
const asksForGrant: Readonly<Record<string, (params: Record<string, unknown>) => unknown>> = {
  token: (params) => params.grant_type,
  device_authorization: () => 'urn:ietf:params:oauth:grant-type:device_code',
};

/**
 * A client that asks for a grant or response type which it is not registered for is told `unauthorized_client` (RFC 6749
 * 4.1.2.1 and 5.2, RFC 8628 3.2); the engine alone says `invalid_request`. It also asks these questions for reasons of its
 * own, for instance whether to issue a refresh token: then a plain no is the answer.
 */
export function installUnauthorizedClient(provider: Provider): void {
  const { prototype } = provider.Client;
  const { grantTypeAllowed, responseTypeAllowed } = prototype;

  prototype.grantTypeAllowed = function allowed(type) {
    if (grantTypeAllowed.call(this, type)) return true;
    const oidc = Provider.ctx?.oidc;
    if (oidc?.client === this && asksForGrant[oidc.route]?.({ ...oidc.params }) === type) {
      throw new errors.UnauthorizedClient('requested grant type is not allowed for this client');
    }
    return false;
  };

  prototype.responseTypeAllowed = function allowed(type) {
    if (responseTypeAllowed.call(this, type)) return true;
    throw new errors.UnauthorizedClient('requested response_type is not allowed for this client');
  };
}
