import type { Account } from '../accounts/account.ts';
import { adminRole } from '../accounts/role-names.ts';
import type { Client } from '../clients/client.ts';
import { adminAudience, adminScopes, expandScopes } from '../clients/resource-servers.ts';
import type { RoleAssignments } from '../clients/roles/assignments.ts';
import type { Permissions, RoleGraph } from '../clients/roles/graph.ts';
import type { HeldRole, Permission } from '../clients/roles/role.ts';
import type { ClientStore } from '../clients/store.ts';
import { AppError } from '../errors.ts';
import { type Caller, InsufficientScope, isService } from '../http/api/caller.ts';

export interface RankDeps {
  issuer: string;
  /** The roles as they are in the database now: one that was made a moment ago is no way around these rules. */
  readRoleGraph(): Promise<RoleGraph>;
  assignments: Pick<RoleAssignments, 'ofAccount' | 'ofClient'>;
  clients: Pick<ClientStore, 'find'>;
  /** Of all resource servers, the scopes with one of these names that only holders of a role get. */
  findRestricted(scopes: readonly string[]): Promise<readonly Permission[]>;
}

/**
 * Nobody becomes more by what they make or change here, nor makes others more than they are. All of it throws InsufficientScope,
 * or AppError permission_not_held, with the permission that is missing.
 */
export interface Rank {
  /** Before anything is done to a person: they may do nothing at this API that the caller may not. */
  overUser(caller: Caller, user: Pick<Account, 'roles'>): Promise<void>;
  /** Before anything is done to a client, be it registered for something or have it by roles. */
  overClient(caller: Caller, client: Client): Promise<void>;
  /** Before a role is changed, deleted or taken away. */
  overRoles(caller: Caller, names: readonly string[]): Promise<void>;
  /** Before these roles are given to anybody. */
  toGive(caller: Caller, roles: readonly HeldRole[]): Promise<void>;
  /** Before a role gets these permissions, and those of the roles that it is to contain, beside what it had. */
  toConfer(caller: Caller, added: RoleParts, before: RoleParts): Promise<void>;
  /** Before a client is registered for scopes. `scope` as it stands in metadata; anything but a text is left to the validator. */
  toRegister(caller: Caller, scope: unknown): Promise<void>;
}

interface RoleParts {
  permissions: readonly Permission[];
  roles: readonly string[];
}

export function makeRank(deps: RankDeps): Rank {
  const audience = adminAudience(deps.issuer);
  const requireAll = (caller: Caller, whose: string, permissions: Permissions): void => {
    const scopes = reachOf(caller);
    for (const scope of permissions.get(audience) ?? [])
      if (!scopes.has(scope)) throw outranked(whose, scope);
  };
  const requireHeld = async (caller: Caller, wanted: readonly Wanted[]): Promise<void> => {
    if (wanted.length === 0) return;
    const endOf = await readHoldings(deps, audience, caller);
    for (const { permission, until } of wanted) {
      const end = endOf(permission);
      if (end === undefined) throw notHeld(audience, permission);
      if (end !== null && (until === null || until > end)) throw heldTooShort(permission, end);
    }
  };
  return {
    async overUser(caller, { roles }) {
      if (roles.length === 0) return;
      requireAll(caller, 'This user', (await deps.readRoleGraph()).permissionsOf(roles));
    },

    async overClient(caller, { id, metadata }) {
      requireAll(caller, 'This client', new Map([[audience, registeredHere(metadata.scope)]]));
      const held = await deps.assignments.ofClient(id);
      if (held.length === 0) return;
      const names = held.map(({ name }) => name);
      requireAll(caller, 'This client', (await deps.readRoleGraph()).permissionsOf(names));
    },

    async overRoles(caller, names) {
      if (names.length === 0) return;
      requireAll(caller, 'This role', (await deps.readRoleGraph()).permissionsOf(names));
    },

    async toGive(caller, roles) {
      if (roles.length === 0) return;
      const graph = await deps.readRoleGraph();
      const wanted = roles.flatMap(({ name, expiresAt }) =>
        toList(graph.permissionsOf([name])).map((permission) => ({ permission, until: expiresAt })),
      );
      await requireHeld(caller, wanted);
    },

    async toConfer(caller, after, before) {
      const graph = await deps.readRoleGraph();
      const all = ({ permissions, roles }: RoleParts) => [
        ...permissions,
        ...toList(graph.permissionsOf(roles)),
      ];
      const had = new Set(all(before).map(keyOf));
      const added = all(after).filter((permission) => !had.has(keyOf(permission)));
      await requireHeld(
        caller,
        added.map((permission) => ({ permission, until: null })),
      );
    },

    async toRegister(caller, scope) {
      if (typeof scope !== 'string') return;
      for (const name of registeredHere(scope))
        if (!reachOf(caller).has(name)) throw new InsufficientScope(name);
      const restricted = await deps.findRestricted(scope.split(' '));
      await requireHeld(
        caller,
        restricted.map((permission) => ({ permission, until: null })),
      );
    },
  };
}

/** What somebody is to get, and until when; null: for good. */
interface Wanted {
  permission: Permission;
  until: Date | null;
}

/** Until when the caller has a permission; null: for good; undefined: not at all. */
type EndOf = (permission: Permission) => Date | null | undefined;

const ofThisApi: ReadonlySet<string> = new Set(adminScopes.map(({ name }) => name));

/**
 * How far the token goes. One with every other scope of this API is that of somebody who runs the server: it may be given, and
 * used over others, what acting for people takes, without being a token that could act for people.
 */
function reachOf({ scopes }: Caller): ReadonlySet<string> {
  const lacks = [...ofThisApi].filter((name) => !scopes.has(name));
  return lacks.length === 1 && lacks[0] === 'users:impersonate' ? ofThisApi : scopes;
}

function registeredHere(scope: string | undefined): ReadonlySet<string> {
  return new Set([...expandScopes((scope ?? '').split(' '))].filter((name) => ofThisApi.has(name)));
}

/**
 * What the caller has: by roles, and a service by its registration too. Of this API only as far as the token goes. Whoever is
 * registered for everything here may give out what other resource servers have, by any token that may change roles: somebody
 * must be the first.
 */
async function readHoldings(
  { readRoleGraph, assignments, clients }: RankDeps,
  audience: string,
  caller: Caller,
) {
  const { sub, client_id: clientId } = caller.claims;
  const isProgram = isService(caller.claims);
  const held: HeldRole[] = isProgram
    ? await assignments.ofClient(clientId)
    : await assignments.ofAccount(sub);
  const registered = isProgram
    ? registeredHere((await clients.find(clientId))?.metadata.scope)
    : new Set<string>();
  // By its registration, as a person by their role: a token with few scopes is careful, not weak.
  const isOwner = registered.size === ofThisApi.size;
  const reach = reachOf(caller);
  const graph = await readRoleGraph();
  const endOf: EndOf = ({ resource, scope }) => {
    const isHere = resource === audience;
    if (isHere && !reach.has(scope)) return undefined;
    if (isHere ? registered.has(scope) : isOwner) return null;
    const ends = held
      .filter(({ name }) =>
        !isHere && name === adminRole ? true : graph.permissionsOf([name]).get(resource)?.has(scope) === true,
      )
      .map(({ expiresAt }) => expiresAt);
    return latest(ends);
  };
  return endOf;
}

function latest(ends: readonly (Date | null)[]): Date | null | undefined {
  if (ends.includes(null)) return null;
  const times = ends.flatMap((end) => (end === null ? [] : [end.getTime()]));
  return times.length === 0 ? undefined : new Date(Math.max(...times));
}

const toList = (permissions: Permissions): Permission[] =>
  [...permissions].flatMap(([resource, scopes]) => [...scopes].map((scope) => ({ resource, scope })));

const keyOf = ({ resource, scope }: Permission): string => `${resource} ${scope}`;

const outranked = (whose: string, scope: string): AppError =>
  new InsufficientScope(
    scope,
    `${whose} has the permission ${scope} of this API, and your access token has not: who changes it must have all that it has. Nothing was changed.`,
  );

function notHeld(audience: string, { resource, scope }: Permission): AppError {
  if (resource === audience)
    return new InsufficientScope(
      scope,
      `Nobody gives what they do not have: your access token lacks the scope ${scope}. Nothing was changed.`,
    );
  return new AppError('permission_not_held', {
    message: `Nobody gives what they do not have, and you do not have ${scope} of ${resource}. Nothing was changed.`,
  });
}

const heldTooShort = ({ resource, scope }: Permission, end: Date): AppError =>
  new AppError('permission_not_held', {
    message: `You have ${scope} of ${resource} until ${end.toISOString()}; give it with an expires_at of then at most. Nothing was changed.`,
  });
