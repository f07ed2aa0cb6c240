import {
  type Client as EngineClient,
  type ResourceServer as EngineResourceServer,
  errors,
  type KoaContextWithOIDC,
} from 'oidc-provider';
import { expandScopes, type ResourceServer } from '../clients/resource-servers.ts';
import type { KnownAccount } from './claims.ts';

export interface ResourcePolicyDeps {
  /** Resource servers by their audience. */
  find(resource: string): ResourceServer | undefined;
  /** Whether only clients that are registered for scopes of it may get any. */
  needsRegistration(server: ResourceServer): boolean;
  /** The scopes that an account with these roles may get of a resource server. */
  scopesOfRoles(server: ResourceServer, roles: readonly string[]): readonly string[];
}

/** Metadata of the engine's client in which all scopes stand that the client is registered for, ours included. */
export const registeredScopeKey = 'registered_scope';

/**
 * RFC 8707: what a client may get for a `resource`. Scopes are narrowed by what the client is registered for and, where a
 * person is known, by that person's roles; the engine then grants what was asked for and is in this list.
 *
 * @throws InvalidTarget for an unknown resource, or one that this client may not ask for (RFC 8707 2)
 */
export const makeResourcePolicy =
  (deps: ResourcePolicyDeps) =>
  (ctx: KoaContextWithOIDC, resource: string, client: EngineClient): EngineResourceServer => {
    const server = deps.find(resource);
    if (server === undefined) throw new errors.InvalidTarget('no such resource server');
    if (server.clients !== '*' && !server.clients.includes(client.clientId)) {
      throw new errors.InvalidTarget('this client may not ask for this resource server');
    }
    return {
      audience: server.resource,
      scope: allowedScopes(deps, ctx, server, client).join(' '),
      accessTokenFormat: server.accessTokenFormat,
      accessTokenTTL: server.accessTokenTtl,
      ...(server.accessTokenFormat === 'jwt' ? { jwt: { sign: { alg: 'ES256' } } } : {}),
    };
  };

function allowedScopes(
  deps: ResourcePolicyDeps,
  ctx: KoaContextWithOIDC,
  server: ResourceServer,
  client: EngineClient,
): readonly string[] {
  const { all, registered } = scopesBetween(client, server);
  // A service acts for itself: it gets what an operator has registered, and nothing by default.
  if (ctx.oidc.params?.grant_type === 'client_credentials') return registered;
  const account = ctx.oidc.entities.Account as KnownAccount | undefined;
  // Whoever may operate the server must have been given that by name: a person's consent is not enough.
  const ofClient = registered.length > 0 || deps.needsRegistration(server) ? registered : all;
  if (account === undefined) return ofClient;
  const ofPerson = deps.scopesOfRoles(server, account.roles);
  return ofClient.filter((scope) => ofPerson.includes(scope));
}

interface ScopesBetween {
  all: readonly string[];
  /** Those of `all` that the client is registered for. */
  registered: readonly string[];
}

/** The engine keeps its client objects until their metadata changes, so what follows from them can be kept as well. */
const kept = new WeakMap<EngineClient, Map<ResourceServer, ScopesBetween>>();

function scopesBetween(client: EngineClient, server: ResourceServer): ScopesBetween {
  const ofClient = kept.get(client) ?? new Map<ResourceServer, ScopesBetween>();
  kept.set(client, ofClient);
  const known = ofClient.get(server);
  if (known !== undefined) return known;
  const all = server.scopes.map(({ name }) => name);
  const scope = client[registeredScopeKey];
  const own = typeof scope === 'string' ? expandScopes(scope.split(' ')) : new Set<string>();
  const between = { all, registered: all.filter((name) => own.has(name)) };
  ofClient.set(server, between);
  return between;
}
