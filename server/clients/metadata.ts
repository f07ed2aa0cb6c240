import { isDeepStrictEqual } from 'node:util';
import type { FieldFault } from '../errors.ts';
import { findUnknownRemovals, toFieldFaults } from '../field-faults.ts';
import { applyMergePatch } from '../merge-patch.ts';
import { findFaultsBetweenFields } from './metadata-rules.ts';
import { clientMetadataShape, type GivenMetadata, personScope } from './metadata-shape.ts';

/** What has a default, so that a stored client always has it. */
type DefaultedField =
  | 'redirect_uris'
  | 'post_logout_redirect_uris'
  | 'grant_types'
  | 'response_types'
  | 'token_endpoint_auth_method'
  | 'application_type'
  | 'id_token_signed_response_alg'
  | 'subject_type'
  | 'require_auth_time'
  | 'dpop_bound_access_tokens'
  | 'require_pushed_authorization_requests'
  | 'skip_consent'
  | 'require_pkce'
  | 'introspection_scope'
  | 'profile';

/** Complete and valid metadata of a client, in the names of RFC 7591. */
export type ClientMetadata = Omit<GivenMetadata, DefaultedField> & {
  [Name in DefaultedField]: NonNullable<GivenMetadata[Name]>;
};

/** RFC 7591 3.2.2. */
export type MetadataErrorCode = 'invalid_redirect_uri' | 'invalid_client_metadata';

export type MetadataOutcome =
  | { kind: 'valid'; metadata: ClientMetadata }
  | { kind: 'refused'; code: MetadataErrorCode; fields: FieldFault[] };

/**
 * The one way to metadata, for create and update, API, CLI and the server's own clients alike: shape, defaults, then the
 * rules between fields. Never throws; every fault is named.
 */
export function parseClientMetadata(given: unknown): MetadataOutcome {
  const parsed = clientMetadataShape.safeParse(given);
  if (!parsed.success) return refuse(toFieldFaults(parsed.error));
  const metadata = completeMetadata(parsed.data);
  const faults = findFaultsBetweenFields(metadata);
  return faults.length > 0 ? refuse(faults) : { kind: 'valid', metadata };
}

/**
 * The same for the whole that a JSON merge patch (RFC 7396) makes of stored metadata. Stored values that are only the
 * defaults of the state before count as left out, so that they follow what the patch changes: `response_types` follows
 * `grant_types`.
 */
export function parsePatchedMetadata(stored: ClientMetadata, patch: unknown): MetadataOutcome {
  const unknown = findUnknownRemovals(patch, clientMetadataShape.shape);
  const outcome = parseClientMetadata(applyMergePatch(chosenFields(stored), patch));
  if (unknown.length === 0) return outcome;
  return refuse([...unknown, ...(outcome.kind === 'refused' ? outcome.fields : [])]);
}

/**
 * Web origins whose scripts may read answers about this client (CORS): those that it lists, or else, for a public client,
 * those of its redirect URIs. No wildcard, and none for a client that keeps a secret.
 */
export function corsOrigins(
  metadata: Pick<ClientMetadata, 'allowed_cors_origins' | 'token_endpoint_auth_method' | 'redirect_uris'>,
): string[] {
  if (metadata.allowed_cors_origins !== undefined) return metadata.allowed_cors_origins;
  if (metadata.token_endpoint_auth_method !== 'none') return [];
  const origins = metadata.redirect_uris.map((uri) => new URL(uri).origin);
  // A private-use scheme has no origin; URL says `null` then, which every sandboxed page sends.
  return [...new Set(origins)].filter((origin) => origin !== 'null');
}

function refuse(fields: FieldFault[]): MetadataOutcome {
  const redirect = fields.some(
    ({ field }) => field === 'redirect_uris' || field.startsWith('redirect_uris.'),
  );
  return { kind: 'refused', code: redirect ? 'invalid_redirect_uri' : 'invalid_client_metadata', fields };
}

/** Fills in defaults: RFC 7591 2, OIDC Registration 1.0 2; under the profile fapi2 those of FAPI 2.0 5.3.2. */
function completeMetadata(given: GivenMetadata): ClientMetadata {
  const grants = given.grant_types ?? ['authorization_code'];
  const fapi = given.profile === 'fapi2';
  const scope = given.scope ?? defaultScope(grants);
  return {
    ...given,
    redirect_uris: given.redirect_uris ?? [],
    post_logout_redirect_uris: given.post_logout_redirect_uris ?? [],
    grant_types: grants,
    response_types: given.response_types ?? (grants.includes('authorization_code') ? ['code'] : []),
    token_endpoint_auth_method:
      given.token_endpoint_auth_method ?? (fapi ? 'private_key_jwt' : 'client_secret_basic'),
    application_type: given.application_type ?? 'web',
    ...(scope === undefined ? {} : { scope }),
    id_token_signed_response_alg: given.id_token_signed_response_alg ?? (fapi ? 'PS256' : 'RS256'),
    subject_type: given.subject_type ?? 'public',
    require_auth_time: given.require_auth_time ?? false,
    dpop_bound_access_tokens: given.dpop_bound_access_tokens ?? fapi,
    require_pushed_authorization_requests: given.require_pushed_authorization_requests ?? fapi,
    skip_consent: given.skip_consent ?? false,
    require_pkce: given.require_pkce ?? true,
    introspection_scope: given.introspection_scope ?? 'own',
    profile: given.profile ?? 'default',
  };
}

function defaultScope(grants: ClientMetadata['grant_types']): string | undefined {
  return grants.some((grant) => grant !== 'client_credentials') ? personScope : undefined;
}

/** What was chosen for a client: without the values that follow from the two fields on which defaults depend. */
function chosenFields(stored: ClientMetadata): Record<string, unknown> {
  const { grant_types, profile } = stored;
  const defaults: Record<string, unknown> = completeMetadata({ grant_types, profile });
  const chosen = Object.entries(stored).filter(([name, value]) => !isDeepStrictEqual(value, defaults[name]));
  return { ...Object.fromEntries(chosen), grant_types, profile };
}
