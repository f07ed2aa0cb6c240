import { isDeepStrictEqual } from 'node:util';
import type { LastOfRole } from '../../accounts/deletion/deletion-store.ts';
import type { Actor, AuditEvent, AuditLog, Change } from '../../audit/event.ts';
import type { Clock } from '../../clock.ts';
import type { FieldFault } from '../../errors.ts';
import type { InTransaction } from '../../transaction.ts';
import type { Assignment, AssignOutcome, RoleAssignments } from './assignments.ts';
import type { HeldRole } from './role.ts';

export interface AssignRolesDeps {
  assignments: Pick<RoleAssignments, 'ofAccount' | 'ofClient' | 'replaceOfAccount' | 'replaceOfClient'>;
  roles: { findUnknown(names: readonly string[]): Promise<string[]> };
  accounts: LastOfRole;
  /** The built-in role whose last holder for good keeps it. */
  ownerRole: string;
  audit: AuditLog;
  inTransaction: InTransaction;
  clock: Clock;
}

export interface AssignRolesInput {
  /** Whose roles: the id of an account, or of a client. */
  id: string;
  expectedVersion: number;
  /** All that it has from now on. */
  roles: readonly HeldRole[];
  by: Actor;
}

export type AssignRolesOutcome =
  | { kind: 'assigned'; roles: Assignment[] }
  | { kind: 'refused'; fields: FieldFault[] }
  | { kind: 'stale' | 'missing' | 'last_administrator' };

interface Holder {
  read(): Promise<Assignment[]>;
  write(now: Date): Promise<AssignOutcome>;
  /** Whether somebody would go without whom nobody had everything. */
  isLastOwner(before: readonly HeldRole[]): Promise<boolean>;
  eventOf(change: Change): AuditEvent;
}

/** Gives a person these roles and no other. Whoever is the last to have everything for good goes on having it. */
export const makeAssignToUser =
  (deps: AssignRolesDeps) =>
  (input: AssignRolesInput): Promise<AssignRolesOutcome> => {
    const { id, expectedVersion, roles } = input;
    const isOwner = ({ name, expiresAt }: HeldRole) => name === deps.ownerRole && expiresAt === null;
    return assign(deps, input, {
      read: () => deps.assignments.ofAccount(id),
      write: (now) => deps.assignments.replaceOfAccount(id, expectedVersion, roles, now),
      isLastOwner: async (before) =>
        before.some(isOwner) &&
        !roles.some(isOwner) &&
        (await deps.accounts.isLastWithRole(id, deps.ownerRole)),
      eventOf: (change) => ({ type: 'user.roles.changed', accountId: id, change }),
    });
  };

/** Gives a client these roles and no other: what it may do for itself, beside what it is registered for. */
export const makeAssignToClient =
  (deps: AssignRolesDeps) =>
  (input: AssignRolesInput): Promise<AssignRolesOutcome> => {
    const { id, expectedVersion, roles } = input;
    return assign(deps, input, {
      read: () => deps.assignments.ofClient(id),
      write: (now) => deps.assignments.replaceOfClient(id, expectedVersion, roles, now),
      isLastOwner: async () => false,
      eventOf: (change) => ({ type: 'client.roles.changed', clientId: id, change }),
    });
  };

export type AssignRoles = (input: AssignRolesInput) => Promise<AssignRolesOutcome>;

async function assign(
  deps: AssignRolesDeps,
  { roles, by }: AssignRolesInput,
  holder: Holder,
): Promise<AssignRolesOutcome> {
  const unknown = await deps.roles.findUnknown(roles.map(({ name }) => name));
  if (unknown.length > 0) {
    const names = unknown.map((name) => JSON.stringify(name)).join(', ');
    return { kind: 'refused', fields: [{ field: 'roles', message: `No such role: ${names}.` }] };
  }
  return deps.inTransaction(async () => {
    const before = await holder.read();
    if (await holder.isLastOwner(before)) return { kind: 'last_administrator' };
    const written = await holder.write(deps.clock.now());
    if (written.kind === 'role_not_found')
      return { kind: 'refused', fields: [{ field: 'roles', message: 'A role was deleted meanwhile.' }] };
    if (written.kind !== 'written') return { kind: written.kind };
    const after = await holder.read();
    const change = { before: { roles: before.map(audited) }, after: { roles: after.map(audited) } };
    // A version that grew for nothing is nothing that happened.
    if (!isDeepStrictEqual(change.before, change.after)) await deps.audit.append(holder.eventOf(change), by);
    return { kind: 'assigned', roles: after };
  });
}

const audited = ({ name, expiresAt }: HeldRole) => ({ name, expires_at: expiresAt?.toISOString() ?? null });
