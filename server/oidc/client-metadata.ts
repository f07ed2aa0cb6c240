import type { AllClientMetadata } from 'oidc-provider';
import type { ClientWithSecrets } from '../clients/store.ts';
import { oidcScopes } from './claims.ts';
import { heldRolesKey } from './client-roles.ts';
import { encodeSecrets } from './client-secrets.ts';
import { registeredScopeKey } from './resources.ts';
import { tokenRefKey } from './token-claims.ts';

/** Client metadata of ours that the engine carries along (extraClientMetadata). */
export const extraProperties = [
  'backchannel_logout_uri',
  'backchannel_logout_session_required',
  'skip_consent',
  'require_pkce',
  'allowed_cors_origins',
  'introspection_scope',
  'profile',
  'sign_up',
  'sign_up_domains',
  'require_verified_email',
  registeredScopeKey,
  tokenRefKey,
  heldRolesKey,
];

/**
 * A client as the engine reads it: only scopes that the engine knows in `scope`, hashes where it expects the secret.
 *
 * @param ownScopes those that attributes of people come with
 */
export function engineMetadata(
  found: ClientWithSecrets,
  ownScopes: readonly string[] = [],
): AllClientMetadata {
  const { client, tokenRef, roles } = found;
  const secrets = [...found.secrets, ...found.expired];
  const { scope, ...metadata } = client.metadata;
  const known = scope?.split(' ').filter((name) => oidcScopes.includes(name) || ownScopes.includes(name));
  const needsSecret = metadata.token_endpoint_auth_method?.startsWith('client_secret') ?? true;
  return {
    ...metadata,
    client_id: client.id,
    [tokenRefKey]: tokenRef,
    [heldRolesKey]: roles,
    ...(known !== undefined && known.length > 0 ? { scope: known.join(' ') } : {}),
    ...(scope === undefined ? {} : { [registeredScopeKey]: scope }),
    ...(needsSecret ? { client_secret: encodeSecrets(secrets) } : {}),
  };
}
