import {
  type Client as EngineClient,
  type ResourceServer as EngineResourceServer,
  errors,
  type KoaContextWithOIDC,
} from 'oidc-provider';
import { expandScopes, type ResourceServer } from '../clients/resource-servers.ts';
import type { Permissions } from '../clients/roles/graph.ts';
import { type KnownAccount, oidcScopes } from './claims.ts';
import type { FindResourceServer } from './resource-server-reader.ts';

export interface ResourcePolicyDeps {
  find: FindResourceServer;
  /** Whether only clients that are registered for scopes of it may get any. */
  needsRegistration(server: ResourceServer): boolean;
  /** What these roles confer, with all that they contain. MUST ask no database: it is called for every token. */
  permissionsOf(roles: readonly string[]): Promise<Permissions>;
  /** The roles that a client has for itself. */
  rolesOf(client: EngineClient): readonly string[];
}

/** Resource servers that one request may name: more than any consent page could be read for. */
const mostAsked = 20;

/** Metadata of the engine's client in which all scopes stand that the client is registered for, ours included. */
export const registeredScopeKey = 'registered_scope';

/**
 * RFC 8707: what a client may get for a `resource`. Scopes are narrowed by what the client is registered for and, those that
 * are restricted, by the roles of the person or else of the client; the engine then grants what was asked for and is in this
 * list. docs/decisions/0022-scopes-and-roles.md
 *
 * @throws InvalidTarget for an unknown resource, or one that this client may not ask for (RFC 8707 2)
 * @throws InvalidScope when a scope is asked for that may not be had, and the resource server wants that refused
 * @throws InvalidGrant when what was granted was granted for one that had this resource before
 */
export const makeResourcePolicy =
  (deps: ResourcePolicyDeps) =>
  async (ctx: KoaContextWithOIDC, resource: string, client: EngineClient): Promise<EngineResourceServer> => {
    if (namesOf(ctx.oidc.params?.resource).length > mostAsked)
      throw new errors.InvalidTarget(`at most ${mostAsked} resources can be asked for at once`);
    const server = await deps.find(resource);
    if (server === undefined) throw new errors.InvalidTarget('no such resource server');
    if (!mayAsk(server, client.clientId))
      throw new errors.InvalidTarget('this client may not ask for this resource server');
    const { Grant: grant, Account: account } = ctx.oidc.entities;
    if (grant !== undefined && isOlder(grant, server))
      throw new errors.InvalidGrant('the resource server was made anew after the grant');
    const allowed = await allowedScopes(deps, ctx, server, account as KnownAccount | undefined);
    await refuseOthers(deps, ctx, server, allowed);
    return {
      audience: server.resource,
      scope: allowed.join(' '),
      accessTokenFormat: server.accessTokenFormat,
      accessTokenTTL: server.accessTokenTtl,
      ...(server.accessTokenFormat === 'jwt' ? { jwt: { sign: { alg: 'ES256' } } } : {}),
    };
  };

/**
 * Narrows what is asked for by the roles of the person, who is known by now: so that nobody is asked to agree to what they do
 * not have. To be called before consent is looked at.
 *
 * @throws InvalidScope as the policy does
 */
export async function narrowByPerson(deps: ResourcePolicyDeps, ctx: KoaContextWithOIDC): Promise<void> {
  for (const [resource, asked] of Object.entries(ctx.oidc.resourceServers ?? {})) {
    const server = await deps.find(resource);
    // It was there when the policy was asked.
    if (server === undefined) throw new errors.InvalidTarget('no such resource server');
    const allowed = await allowedScopes(deps, ctx, server, ctx.oidc.account as KnownAccount | undefined);
    await refuseOthers(deps, ctx, server, allowed);
    asked.scope = allowed.join(' ');
  }
}

/** Whether something was made for an earlier resource server that had the same name. Times of the engine are whole seconds. */
export const isOlder = ({ iat }: { iat?: number | undefined }, { createdAt }: ResourceServer): boolean =>
  (iat ?? 0) < Math.floor(createdAt.getTime() / 1000);

/** Whether a token for an audience, or for none, is still good there. */
export type IsGoodForAudience = (token: {
  aud?: string | string[] | undefined;
  iat?: number | undefined;
  clientId?: string | undefined;
}) => Promise<boolean>;

/** What ends with a resource server: its tokens, also for one that is made anew, and those of clients that it does not list. */
export const makeIsGoodForAudience =
  (find: FindResourceServer): IsGoodForAudience =>
  async ({ aud, iat, clientId }) => {
    if (typeof aud !== 'string') return aud === undefined;
    const server = await find(aud);
    return server !== undefined && !isOlder({ iat }, server) && mayAsk(server, clientId);
  };

const mayAsk = ({ clients }: ResourceServer, clientId: string | undefined): boolean =>
  clients === '*' || clients.includes(clientId ?? '');

async function allowedScopes(
  deps: ResourcePolicyDeps,
  ctx: KoaContextWithOIDC,
  server: ResourceServer,
  account: KnownAccount | undefined,
): Promise<readonly string[]> {
  const { client } = ctx.oidc;
  if (client === undefined) return [];
  const { all, registered, restricted } = scopesBetween(client, server);
  // A service acts for itself: it gets what an operator has registered or given it by roles, and nothing by default.
  if (ctx.oidc.params?.grant_type === 'client_credentials') {
    const conferred = await scopesOfRoles(deps, server, deps.rolesOf(client));
    return all.filter((scope) => registered.has(scope) || conferred.has(scope));
  }
  // Whoever may operate the server must have been given that by name: a person's consent is not enough.
  const isListed = registered.size > 0 || deps.needsRegistration(server);
  const ofClient = isListed ? all.filter((scope) => registered.has(scope)) : all;
  if (account === undefined || restricted.size === 0) return ofClient;
  const conferred = await scopesOfRoles(deps, server, account.roles);
  return ofClient.filter((scope) => !restricted.has(scope) || conferred.has(scope));
}

async function scopesOfRoles(
  { permissionsOf }: ResourcePolicyDeps,
  server: ResourceServer,
  roles: readonly string[],
): Promise<ReadonlySet<string>> {
  if (roles.length === 0) return new Set();
  return (await permissionsOf(roles)).get(server.resource) ?? new Set();
}

/**
 * RFC 6749 3.3: a resource server may want a request refused that asks for more than may be had. What another one knows that is
 * asked for as well is meant for that.
 */
async function refuseOthers(
  { find }: ResourcePolicyDeps,
  { oidc: { params } }: KoaContextWithOIDC,
  server: ResourceServer,
  allowed: readonly string[],
): Promise<void> {
  if (server.scopePolicy === 'narrow' || typeof params?.scope !== 'string') return;
  const refused = params.scope
    .split(' ')
    .filter((scope) => !oidcScopes.includes(scope) && !allowed.includes(scope));
  if (refused.length === 0) return;
  const own = new Set(server.scopes.map(({ name }) => name));
  const elsewhere = await scopesElsewhere(find, params.resource, server);
  const meant = refused.filter((scope) => own.has(scope) || !elsewhere.has(scope));
  if (meant.length > 0) throw new errors.InvalidScope('requested scope is not allowed', meant.join(' '));
}

const namesOf = (asked: unknown): string[] =>
  [asked].flat().filter((name): name is string => typeof name === 'string');

async function scopesElsewhere(
  find: FindResourceServer,
  asked: unknown,
  server: ResourceServer,
): Promise<ReadonlySet<string>> {
  const others = namesOf(asked).filter((name) => name !== server.resource);
  const found = await Promise.all(others.map(find));
  return new Set(found.flatMap((other) => other?.scopes.map(({ name }) => name) ?? []));
}

interface ScopesBetween {
  all: readonly string[];
  /** Those of `all` that the client is registered for. */
  registered: ReadonlySet<string>;
  restricted: ReadonlySet<string>;
}

/** Client and resource server are the same objects until they change, so what follows from them can be kept as well. */
const kept = new WeakMap<EngineClient, WeakMap<ResourceServer, ScopesBetween>>();

function scopesBetween(client: EngineClient, server: ResourceServer): ScopesBetween {
  const ofClient = kept.get(client) ?? new WeakMap<ResourceServer, ScopesBetween>();
  kept.set(client, ofClient);
  const known = ofClient.get(server);
  if (known !== undefined) return known;
  const all = server.scopes.map(({ name }) => name);
  const scope = client[registeredScopeKey];
  const given = typeof scope === 'string' ? scope.split(' ') : [];
  const own = server.builtIn ? expandScopes(given) : new Set(given);
  const between = {
    all,
    registered: new Set(all.filter((name) => own.has(name))),
    restricted: new Set(server.scopes.filter(({ restricted }) => restricted).map(({ name }) => name)),
  };
  ofClient.set(server, between);
  return between;
}
