import type { Role } from './role.ts';

/** By resource server, the scopes of it. */
export type Permissions = ReadonlyMap<string, ReadonlySet<string>>;

/** All roles at one moment. */
export interface RoleGraph {
  /** Every role that those with these names have: the named ones, and what is in them, however deep. Ordered. */
  closureOf(names: readonly string[]): readonly string[];
  /** What those with these roles may do, by resource server. */
  permissionsOf(names: readonly string[]): Permissions;
  find(name: string): Role | undefined;
}

export interface RoleGraphInput {
  roles: readonly Role[];
  /**
   * The resource servers of this server itself, whose every `x:write` includes its `x:read`, and which of their scopes a
   * built-in role has.
   */
  builtIn: {
    servers: ReadonlySet<string>;
    permissionsOf(role: string): Permissions;
    expand(scopes: readonly string[]): ReadonlySet<string>;
  };
}

/** Pure. What is asked for again is reckoned once; a name that is no role brings nothing but itself. */
export function buildRoleGraph({ roles, builtIn }: RoleGraphInput): RoleGraph {
  const byName = new Map(roles.map((role) => [role.name, role]));
  const closures = new Map<string, readonly string[]>();
  const permissions = new Map<string, Permissions>();

  const closureOf = (names: readonly string[]): readonly string[] => {
    const key = keyOf(names);
    const known = closures.get(key);
    if (known !== undefined) return known;
    const found = new Set(names);
    // A set goes on to what is added to it meanwhile; what is in it already is not added, so even a circle ends.
    for (const name of found) for (const contained of byName.get(name)?.roles ?? []) found.add(contained);
    return remember(closures, key, [...found].toSorted());
  };
  const ownOf = (name: string): Permissions => {
    const role = byName.get(name);
    if (role === undefined) return none;
    return role.builtIn ? builtIn.permissionsOf(name) : toPermissions(role, builtIn);
  };
  return {
    closureOf,
    permissionsOf(names) {
      const key = keyOf(names);
      return permissions.get(key) ?? remember(permissions, key, union(closureOf(names).map(ownOf)));
    },
    find: (name) => byName.get(name),
  };
}

const none: Permissions = new Map();

/** Sets of roles that are remembered; there are about as many as kinds of people. */
const most = 10_000;

function remember<Value>(known: Map<string, Value>, key: string, value: Value): Value {
  if (known.size >= most) known.clear();
  known.set(key, value);
  return value;
}

/** No name of a role holds a NUL. */
const keyOf = (names: readonly string[]): string => [...new Set(names)].toSorted().join('\0');

function toPermissions({ permissions }: Role, builtIn: RoleGraphInput['builtIn']): Permissions {
  const byResource = Map.groupBy(permissions, ({ resource }) => resource);
  return new Map(
    [...byResource].map(([resource, several]) => {
      const scopes = several.map(({ scope }) => scope);
      return [resource, builtIn.servers.has(resource) ? builtIn.expand(scopes) : new Set(scopes)];
    }),
  );
}

function union(several: readonly Permissions[]): Permissions {
  const all = new Map<string, Set<string>>();
  for (const permissions of several)
    for (const [resource, scopes] of permissions) {
      const known = all.get(resource) ?? new Set<string>();
      for (const scope of scopes) known.add(scope);
      all.set(resource, known);
    }
  return all;
}
