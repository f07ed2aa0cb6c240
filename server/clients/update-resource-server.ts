import { isDeepStrictEqual } from 'node:util';
import { changedFields } from '../audit/change.ts';
import type { Actor, AuditLog } from '../audit/event.ts';
import type { Clock } from '../clock.ts';
import type { FieldFault } from '../errors.ts';
import type { InTransaction } from '../transaction.ts';
import { faultsInClients } from './create-resource-server.ts';
import {
  parsePatchedResourceServer,
  parseResourceServer,
  type ResourceServerInput,
  toGiven,
} from './resource-server-input.ts';
import type { ResourceServerStore, RoleUses } from './resource-server-store.ts';
import { builtInResourceServers, type ResourceServer } from './resource-servers.ts';
import type { Permission } from './roles/role.ts';

export interface UpdateResourceServerDeps {
  issuer: string;
  resourceServers: Pick<ResourceServerStore, 'findForChange' | 'update' | 'findUnknownClients'>;
  roleUses: RoleUses;
  audit: AuditLog;
  inTransaction: InTransaction;
  clock: Clock;
}

export interface UpdateResourceServerInput {
  id: string;
  /** Without one, the version that is found. */
  expectedVersion?: number | undefined;
  /** `replace`: the whole, what is left out gets its default. `merge`: RFC 7396. Unchecked, as it came. */
  change: { kind: 'replace'; given: unknown } | { kind: 'merge'; patch: unknown };
  mayOpen: MayOpen;
  by: Actor;
}

/**
 * Called before restricted scopes become open to everybody, or go, after which they could be made anew and open.
 *
 * @throws for somebody who may not, having less themselves
 */
export type MayOpen = (permissions: readonly Permission[]) => Promise<void>;

export type UpdateResourceServerOutcome =
  | { kind: 'updated'; server: ResourceServer }
  | { kind: 'refused'; fields: FieldFault[] }
  /** Roles confer scopes that would go. */
  | { kind: 'scope_in_use'; fields: FieldFault[] }
  | { kind: 'built_in' | 'stale' | 'missing' };

/**
 * Changes a resource server; the validator of its creation judges the whole that results. A scope that a role confers can
 * neither go nor become open to everybody: it is taken from the roles first.
 */
export const makeUpdateResourceServer =
  (deps: UpdateResourceServerDeps) =>
  (input: UpdateResourceServerInput): Promise<UpdateResourceServerOutcome> =>
    deps.inTransaction(() => update(deps, input));

export type UpdateResourceServer = ReturnType<typeof makeUpdateResourceServer>;

/** Whether it is one of this server's own. */
export const isBuiltIn = (issuer: string, id: string): boolean =>
  builtInResourceServers(issuer).some((server) => server.id === id);

async function update(
  deps: UpdateResourceServerDeps,
  { id, expectedVersion, change, mayOpen, by }: UpdateResourceServerInput,
): Promise<UpdateResourceServerOutcome> {
  if (isBuiltIn(deps.issuer, id)) return { kind: 'built_in' };
  const before = await deps.resourceServers.findForChange(id);
  if (before === undefined) return { kind: 'missing' };
  if (expectedVersion !== undefined && expectedVersion !== before.version) return { kind: 'stale' };
  const parsed =
    change.kind === 'replace'
      ? parseResourceServer(change.given, deps.issuer, before)
      : parsePatchedResourceServer(before, change.patch, deps.issuer);
  if (parsed.kind === 'refused') return parsed;
  const { input } = parsed;
  if (isDeepStrictEqual(toGiven(before), toGiven(input))) return { kind: 'updated', server: before };
  const fields = await faultsInClients(deps.resourceServers, input);
  if (fields.length > 0) return { kind: 'refused', fields };
  await mayOpen(restrictionsLost(before, input));
  const inUse = await scopesInUse(deps.roleUses, before, input);
  if (inUse.length > 0) return { kind: 'scope_in_use', fields: inUse };
  const after = { ...before, ...input, updatedAt: deps.clock.now(), version: before.version + 1 };
  const written = await deps.resourceServers.update(after, before.version);
  if (written.kind !== 'written') return { kind: written.kind };
  await deps.audit.append(
    {
      type: 'resource_server.updated',
      resourceServerId: id,
      resource: before.resource,
      change: changedFields(toGiven(before), toGiven(input)),
    },
    by,
  );
  return { kind: 'updated', server: after };
}

/**
 * What only holders of roles had before.
 *
 * @param after left out: all of it goes
 */
export function restrictionsLost(before: ResourceServer, after?: ResourceServerInput): Permission[] {
  const kept = new Set(after?.scopes.filter(({ restricted }) => restricted).map(({ name }) => name));
  return before.scopes
    .filter(({ name, restricted }) => restricted && !kept.has(name))
    .map(({ name }) => ({ resource: before.resource, scope: name }));
}

/**
 * Scopes that would go, or become open, although roles confer them.
 *
 * @param after left out: all of them go
 */
export async function scopesInUse(
  { rolesWith }: RoleUses,
  before: ResourceServerInput,
  after?: ResourceServerInput,
): Promise<FieldFault[]> {
  const kept = new Map(after?.scopes.map((scope) => [scope.name, scope]));
  const lost = before.scopes.filter(
    ({ name, restricted }) => kept.get(name) === undefined || (restricted && !kept.get(name)?.restricted),
  );
  if (lost.length === 0) return [];
  const names = lost.map(({ name }) => name);
  const uses = Map.groupBy(await rolesWith(before.resource, names), ({ scope }) => scope);
  return [...uses].map(([scope, roles]) => ({
    field: 'scopes',
    message: `${scope} is conferred by ${roles.map(({ role }) => role).join(', ')}.`,
  }));
}
