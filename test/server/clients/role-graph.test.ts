import { describe, expect, it } from '@jest/globals';
import { expandScopes } from '../../../server/clients/resource-servers.ts';
import { buildRoleGraph, type Permissions } from '../../../server/clients/roles/graph.ts';
import type { Role } from '../../../server/clients/roles/role.ts';
import { aRole } from '../../contracts/builders.ts';

const own = 'https://id.example/api/admin';
const api = 'https://api.example/';
const ofAdmin: Permissions = new Map([[own, new Set(['users:read', 'users:write'])]]);
const builtIn = {
  servers: new Set([own]),
  permissionsOf: (name: string): Permissions => (name === 'admin' ? ofAdmin : new Map()),
  expand: expandScopes,
};
const graphOf = (...roles: Role[]) => buildRoleGraph({ roles, builtIn });
const flat = (permissions: Permissions): string[] =>
  [...permissions]
    .flatMap(([resource, scopes]) => [...scopes].map((scope) => `${resource} ${scope}`))
    .toSorted();

describe('the role graph', () => {
  it('has what a role contains, however deep, and nothing of what contains it', () => {
    const graph = graphOf(
      aRole({ name: 'outer', roles: ['middle'] }),
      aRole({ name: 'middle', roles: ['inner'], permissions: [{ resource: api, scope: 'write' }] }),
      aRole({ name: 'inner', permissions: [{ resource: api, scope: 'read' }] }),
    );
    expect(graph.closureOf(['outer'])).toEqual(['inner', 'middle', 'outer']);
    expect(graph.closureOf(['inner'])).toEqual(['inner']);
    expect(flat(graph.permissionsOf(['middle']))).toEqual([`${api} read`, `${api} write`]);
    expect(flat(graph.permissionsOf([]))).toEqual([]);
  });

  it('lets writing include reading for the APIs of this server, and for no other', () => {
    const permissions = [
      { resource: own, scope: 'users:write' },
      { resource: api, scope: 'orders:write' },
    ];
    const graph = graphOf(aRole({ name: 'clerk', permissions }));
    expect(flat(graph.permissionsOf(['clerk']))).toEqual([
      `${api} orders:write`,
      `${own} users:read`,
      `${own} users:write`,
    ]);
  });

  it('gives a built-in role what the server says, not what is stored', () => {
    const stored = [{ resource: api, scope: 'read' }];
    const graph = graphOf(aRole({ name: 'admin', builtIn: true, permissions: stored }), aRole({ name: 'x' }));
    expect(graph.permissionsOf(['admin', 'x'])).toEqual(ofAdmin);
    expect(graphOf(aRole({ name: 'admin' })).permissionsOf(['admin'])).toEqual(new Map());
  });

  it('keeps the name of what is no role, which allows nothing', () => {
    expect(graphOf().closureOf(['gone'])).toEqual(['gone']);
    expect(graphOf().permissionsOf(['gone'])).toEqual(new Map());
  });

  it('ends with circles, which a database of somebody else could hold', () => {
    const graph = graphOf(aRole({ name: 'a', roles: ['b'] }), aRole({ name: 'b', roles: ['a'] }));
    expect(graph.closureOf(['a'])).toEqual(['a', 'b']);
  });

  it('equals a naive search in 500 graphs of chance', () => {
    const chance = madeUp(20_311);
    for (let round = 0; round < 500; round += 1) {
      const roles = randomRoles(chance);
      const graph = graphOf(...roles);
      for (let start = 0; start < 3; start += 1) {
        const names = roles.filter(() => chance() < 0.3).map(({ name }) => name);
        const reached = naively(roles, names);
        expect(graph.closureOf(names)).toEqual([...reached].toSorted());
        const permitted = roles
          .filter(({ name }) => reached.has(name))
          .flatMap(({ permissions }) => permissions);
        const expected = new Set(permitted.map(({ resource, scope }) => `${resource} ${scope}`));
        expect(flat(graph.permissionsOf(names))).toEqual([...expected].toSorted());
      }
    }
  });
});

/** Numbers from 0 to 1, the same at every run (mulberry32). */
function madeUp(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function randomRoles(chance: () => number): Role[] {
  const names = Array.from({ length: 1 + Math.floor(chance() * 12) }, (_, index) => `role-${index}`);
  return names.map((name) =>
    aRole({
      name,
      roles: names.filter(() => chance() < 0.15),
      permissions: ['read', 'write', 'delete']
        .filter(() => chance() < 0.4)
        .map((scope) => ({ resource: api, scope })),
    }),
  );
}

/** Adds what is contained until nothing is added any more. */
function naively(roles: readonly Role[], names: readonly string[]): Set<string> {
  const reached = new Set(names);
  let before = -1;
  while (before !== reached.size) {
    before = reached.size;
    for (const role of roles) if (reached.has(role.name)) for (const name of role.roles) reached.add(name);
  }
  return reached;
}
