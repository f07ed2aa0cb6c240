import { z } from 'zod';
import type { AssignRoles } from '../clients/roles/assign-roles.ts';
import type { Assignment } from '../clients/roles/assignments.ts';
import type { RoleGraph } from '../clients/roles/graph.ts';
import type { HeldRole } from '../clients/roles/role.ts';
import type { Clock } from '../clock.ts';
import { AppError } from '../errors.ts';
import type { Caller } from '../http/api/caller.ts';
import type { Precondition } from '../http/api/etag.ts';
import type { Answer } from '../http/api/route.ts';
import type { Rank } from './rank.ts';

const moment = z.int().meta({ description: 'Seconds since 1970.' });
const name = z.string().min(1).max(100);
const end = moment
  .min(0)
  .max(253_402_300_799)
  .nullable()
  .default(null)
  .meta({ description: 'Seconds since 1970, from when on it is not theirs any more; null: it has no end.' });

export const heldRoleBody = z.strictObject({ name, expires_at: end }).meta({ id: 'NewHeldRole' });

export const heldRolesBody = z
  .strictObject({ roles: z.array(heldRoleBody).max(100) })
  .meta({ id: 'NewHeldRoles' });

const through = z.array(z.string()).meta({ description: 'The given roles by which it is had.' });

export const heldRolesView = z
  .strictObject({
    roles: z
      .array(z.strictObject({ name: z.string(), granted_at: moment, expires_at: moment.nullable() }))
      .meta({ description: 'As they were given.' }),
    effective: z
      .array(z.strictObject({ name: z.string(), through }))
      .meta({ description: 'With those that they contain.' }),
    permissions: z
      .array(z.strictObject({ resource: z.string(), scope: z.string(), through }))
      .meta({ description: 'What they allow.' }),
  })
  .meta({ id: 'HeldRoles' });

/** Somebody who has roles: a person, or a client. */
export interface RoleTarget {
  version: number;
  held: Assignment[];
}

export interface HeldRolesDeps {
  /** @throws AppError when there is none */
  read(id: string): Promise<RoleTarget>;
  /** The same, of one that the caller may change. */
  readToChange(id: string, caller: Caller): Promise<RoleTarget>;
  assign: AssignRoles;
  gone: 'user_not_found' | 'client_not_found';
  roleGraph: { current(): Promise<RoleGraph> };
  rank: Rank;
  clock: Clock;
}

interface Change {
  id: string;
  ifMatch: Precondition;
  caller: Caller;
  by: Caller['actor'];
  /** What it is to have, by what it has. */
  next(held: readonly HeldRole[]): readonly HeldRole[];
}

export async function showHeldRoles(
  deps: Pick<HeldRolesDeps, 'roleGraph'>,
  { version, held }: RoleTarget,
): Promise<Answer> {
  const graph = await deps.roleGraph.current();
  const names = held.map((one) => one.name);
  const by = (has: (direct: string) => boolean) => names.filter(has);
  const effective = graph.closureOf(names).map((role) => ({
    name: role,
    through: by((direct) => graph.closureOf([direct]).includes(role)),
  }));
  const permissions = [...graph.permissionsOf(names)].flatMap(([resource, scopes]) =>
    [...scopes].map((scope) => ({
      resource,
      scope,
      through: by((direct) => graph.permissionsOf([direct]).get(resource)?.has(scope) === true),
    })),
  );
  const roles = held.map((one) => ({
    name: one.name,
    granted_at: toSeconds(one.grantedAt),
    expires_at: one.expiresAt === null ? null : toSeconds(one.expiresAt),
  }));
  return { status: 200, body: { roles, effective, permissions }, version };
}

/** Changes which roles somebody has, by the rules of rank. Who named no version is not bothered with one that has grown. */
export async function changeHeldRoles(deps: HeldRolesDeps, change: Change): Promise<RoleTarget> {
  for (let tries = 1; ; tries += 1) {
    const outcome = await tryChange(deps, change);
    if (outcome !== 'stale') return outcome;
    if (change.ifMatch.binding || tries === 5) throw new AppError('precondition_failed');
  }
}

async function tryChange(deps: HeldRolesDeps, change: Change): Promise<RoleTarget | 'stale'> {
  const { id, ifMatch, caller, by } = change;
  const { version, held } = await deps.readToChange(id, caller);
  ifMatch.check(version);
  const roles = change.next(held);
  await deps.rank.toGive(
    caller,
    roles.filter((role) => !held.some((before) => lasts(before, role))),
  );
  const outcome = await deps.assign({ id, expectedVersion: version, roles, by });
  switch (outcome.kind) {
    case 'assigned':
      return { version: version + 1, held: outcome.roles };
    case 'refused':
      throw new AppError('invalid_input', { fields: outcome.fields });
    case 'missing':
      throw new AppError(deps.gone);
    case 'last_administrator':
      throw new AppError('last_administrator');
    case 'stale':
      return 'stale';
    default:
      return outcome satisfies never;
  }
}

/** Whether it was had already, and for as long. */
function lasts(before: HeldRole, { name: wanted, expiresAt }: HeldRole): boolean {
  if (before.name !== wanted) return false;
  return before.expiresAt === null || (expiresAt !== null && expiresAt <= before.expiresAt);
}

/**
 * The roles that a body names.
 *
 * @throws AppError invalid_input for an end that is over
 */
export function toHeldRoles(
  bodies: readonly z.output<typeof heldRoleBody>[],
  now: Date,
  field: (index: number) => string,
): HeldRole[] {
  const roles = bodies.map((body) => ({
    name: body.name,
    expiresAt: body.expires_at === null ? null : new Date(body.expires_at * 1000),
  }));
  const fields = roles.flatMap(({ expiresAt }, index) =>
    expiresAt !== null && expiresAt <= now
      ? [{ field: field(index), message: 'Give a moment that is still to come, or null.' }]
      : [],
  );
  if (fields.length > 0) throw new AppError('invalid_input', { fields });
  return roles;
}

const toSeconds = (time: Date): number => Math.floor(time.getTime() / 1000);
