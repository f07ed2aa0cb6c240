import type { FieldFault } from '../errors.ts';
import { findUnknownRemovals, toFieldFaults } from '../field-faults.ts';
import { applyMergePatch } from '../merge-patch.ts';
import { personScope } from './metadata-shape.ts';
import { type GivenResourceServer, longestTokenLife, resourceServerShape } from './resource-server-shape.ts';
import { defaultTokenLifetime, type ResourceServer } from './resource-servers.ts';

/** What of a resource server is chosen by whoever makes it. */
export type ResourceServerInput = Omit<
  ResourceServer,
  'id' | 'builtIn' | 'createdAt' | 'updatedAt' | 'version'
>;

export type InputOutcome =
  | { kind: 'valid'; input: ResourceServerInput }
  | { kind: 'refused'; fields: FieldFault[] };

/**
 * The one way to a resource server, for create and update alike: shape, defaults, then the rules between fields. Never throws;
 * every fault is named.
 *
 * @param issuer whose own addresses nobody can take
 * @param before as it is stored: what must not change is compared with it, and a scope that was restricted stays so where
 *   nothing is said of it
 */
export function parseResourceServer(
  given: unknown,
  issuer: string,
  before?: ResourceServerInput,
): InputOutcome {
  const parsed = resourceServerShape.safeParse(given);
  if (!parsed.success) return { kind: 'refused', fields: toFieldFaults(parsed.error) };
  const input = complete(parsed.data, before);
  const fields = [
    ...faultsInResource(input, issuer, before),
    ...faultsInScopes(input),
    ...faultsInLife(input),
    ...faultsInClients(input),
  ];
  return fields.length > 0 ? { kind: 'refused', fields } : { kind: 'valid', input };
}

/** The same for the whole that a JSON merge patch (RFC 7396) makes of a stored one. */
export function parsePatchedResourceServer(
  before: ResourceServerInput,
  patch: unknown,
  issuer: string,
): InputOutcome {
  const unknown = findUnknownRemovals(patch, resourceServerShape.shape);
  const outcome = parseResourceServer(applyMergePatch(toGiven(before), patch), issuer, before);
  if (unknown.length === 0) return outcome;
  return { kind: 'refused', fields: [...unknown, ...(outcome.kind === 'refused' ? outcome.fields : [])] };
}

/** In the names of the admin API. */
export function toGiven(server: ResourceServerInput) {
  return {
    resource: server.resource,
    name: server.name,
    scopes: server.scopes.map(({ name, description, restricted }) => ({ name, description, restricted })),
    access_token_format: server.accessTokenFormat,
    access_token_ttl: server.accessTokenTtl,
    clients: server.clients === '*' ? ('*' as const) : [...server.clients],
    scope_policy: server.scopePolicy,
  };
}

function complete(given: GivenResourceServer, before: ResourceServerInput | undefined): ResourceServerInput {
  const restricted = new Set(before?.scopes.filter((scope) => scope.restricted).map(({ name }) => name));
  return {
    resource: given.resource,
    name: given.name,
    scopes: (given.scopes ?? []).map((scope) => ({
      name: scope.name,
      description: scope.description ?? '',
      restricted: scope.restricted ?? restricted.has(scope.name),
    })),
    accessTokenFormat: given.access_token_format ?? 'jwt',
    accessTokenTtl: given.access_token_ttl ?? defaultTokenLifetime,
    clients: given.clients ?? '*',
    scopePolicy: given.scope_policy ?? 'narrow',
  };
}

/** Tokens, consents and roles name a resource server by its `resource`: another one is another resource server. */
function faultsInResource(
  { resource }: ResourceServerInput,
  issuer: string,
  before: ResourceServerInput | undefined,
): FieldFault[] {
  const field = 'resource';
  if (before !== undefined && before.resource !== resource)
    return [{ field, message: 'This cannot be changed: tokens are made out to it. Make another one.' }];
  if (resource === issuer || resource.startsWith(`${issuer}/`))
    return [{ field, message: 'This address belongs to the authorization server itself.' }];
  return [];
}

const reserved: ReadonlySet<string> = new Set(personScope.split(' '));

function faultsInScopes({ scopes }: ResourceServerInput): FieldFault[] {
  const seen = new Set<string>();
  return scopes.flatMap(({ name }, index) => {
    const field = `scopes.${index}.name`;
    if (reserved.has(name))
      return [{ field, message: 'This is a scope of OpenID Connect. Choose another name.' }];
    if (seen.has(name)) return [{ field, message: 'Another scope of this resource server has this name.' }];
    seen.add(name);
    return [];
  });
}

function faultsInLife({ accessTokenFormat, accessTokenTtl }: ResourceServerInput): FieldFault[] {
  const most = longestTokenLife[accessTokenFormat];
  if (accessTokenTtl <= most) return [];
  return [{ field: 'access_token_ttl', message: `Use at most ${most} seconds for the format jwt.` }];
}

function faultsInClients({ clients }: ResourceServerInput): FieldFault[] {
  if (clients === '*') return [];
  return clients.flatMap((id, index) =>
    clients.indexOf(id) < index ? [{ field: `clients.${index}`, message: 'It stands here twice.' }] : [],
  );
}
