import type { Permissions } from '../../clients/roles/graph.ts';

/** Whether the one holds everything that the other holds: nobody gets, by acting for somebody, what they do not have (ATTACKS I02). */
export function holdsAllOf(one: Permissions, other: Permissions): boolean {
  return [...other].every(([resource, scopes]) => {
    const held = one.get(resource);
    return [...scopes].every((scope) => held?.has(scope) === true);
  });
}
