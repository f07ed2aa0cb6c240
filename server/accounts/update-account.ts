import { isDeepStrictEqual } from 'node:util';
import { changedFields } from '../audit/change.ts';
import type { Actor } from '../audit/event.ts';
import type { FieldFault } from '../errors.ts';
import type { Account } from './account.ts';
import { type AccountInput, auditedFields, findAccountFaults } from './account-input.ts';
import type { AccountArtifacts } from './artifacts.ts';
import { type AttributeDefinition, valuesOf } from './attributes/definition.ts';
import { findAttributeFaults, keepHidden, visibleValues } from './attributes/values.ts';
import { type CreateAccountDeps, findUnknownRoles } from './create-account.ts';
import type { LastOfRole } from './deletion/deletion-store.ts';
import type { OneTimeLinkStore } from './one-time-link.ts';
import { adminRole } from './role-names.ts';

export interface UpdateAccountDeps
  extends Pick<CreateAccountDeps, 'roles' | 'presentAttributes' | 'audit' | 'inTransaction' | 'clock'> {
  accounts: CreateAccountDeps['accounts'] & LastOfRole;
  artifacts: AccountArtifacts;
  oneTimeLinks: Pick<OneTimeLinkStore, 'endAll'>;
}

export interface UpdateAccountInput extends AccountInput {
  id: string;
  expectedVersion: number;
  by: Actor;
}

export type UpdateAccountOutcome =
  | { kind: 'updated'; account: Account }
  | { kind: 'refused'; fields: FieldFault[] }
  | { kind: 'login_name_taken' | 'last_administrator' | 'stale' | 'missing' };

/**
 * Replaces the state of an account, if it still is in the expected version. Disabling the account ends
 * every session and token of the person in the same transaction (LIMITS row 27). Their password is not an operator's to change
 * (LIMITS row 16).
 */
export const makeUpdateAccount =
  (deps: UpdateAccountDeps) =>
  async (input: UpdateAccountInput): Promise<UpdateAccountOutcome> => {
    const fields = [...findAccountFaults(input), ...(await findUnknownRoles(deps.roles, input.roles))];
    if (fields.length > 0) return { kind: 'refused', fields };
    const definitions = await deps.presentAttributes();
    return deps.inTransaction(() => replaceAccount(deps, input, definitions));
  };

export type UpdateAccount = ReturnType<typeof makeUpdateAccount>;

async function replaceAccount(
  deps: UpdateAccountDeps,
  input: UpdateAccountInput,
  definitions: readonly AttributeDefinition[],
): Promise<UpdateAccountOutcome> {
  const before = await deps.accounts.find(input.id);
  if (before === undefined) return { kind: 'missing' };
  if (before.version !== input.expectedVersion) return { kind: 'stale' };
  const { attributes: given = {} } = input.profile;
  const values = { before: valuesOf(before), after: given, who: 'operator' } as const;
  const visible = visibleValues(definitions, values.before, 'operator') ?? {};
  const fields = findAttributeFaults(definitions, { ...values, before: visible });
  if (fields.length > 0) return { kind: 'refused', fields };
  const profile = { ...input.profile, attributes: keepHidden(definitions, values) };
  const after = nextState(before, { ...input, profile }, deps.clock.now());
  if (isDeepStrictEqual(comparable(before), comparable(after))) {
    return { kind: 'updated', account: before };
  }
  if (isAdmin(before) && !isAdmin(after) && (await deps.accounts.isLastWithRole(before.id, adminRole)))
    return { kind: 'last_administrator' };
  const written = await deps.accounts.update(after, input.expectedVersion);
  if (written.kind === 'role_not_found') {
    return { kind: 'refused', fields: [{ field: 'roles', message: 'A role was deleted meanwhile.' }] };
  }
  if (written.kind !== 'written') return { kind: written.kind };
  // A link that sets a password went to whoever had the account before this change.
  if (after.email !== before.email)
    await deps.oneTimeLinks.endAll(after.id, after.updatedAt, ['reset_password']);
  if (before.status === 'active' && after.status === 'disabled') await deps.artifacts.revokeAll(after.id);
  await appendEvent(deps, before, after, input.by);
  return { kind: 'updated', account: after };
}

const isAdmin = ({ status, roles }: Account): boolean => status === 'active' && roles.includes(adminRole);

function nextState(before: Account, input: UpdateAccountInput, now: Date): Account {
  // A new address is unverified until somebody says otherwise; it must not inherit the proof of the old one.
  const verifiedByDefault = input.email === before.email && before.emailVerified;
  return {
    id: before.id,
    email: input.email,
    emailVerified: input.email !== null && (input.emailVerified ?? verifiedByDefault),
    username: input.username,
    profile: input.profile,
    roles: [...new Set(input.roles)].sort(),
    status: input.status,
    createdAt: before.createdAt,
    updatedAt: now,
    version: before.version + 1,
  };
}

/** As it is stored: a profile field that is undefined is one that is not there. */
function comparable(account: Account): unknown {
  return JSON.parse(JSON.stringify(auditedFields(account)));
}

/** One row for one change (ATTACKS I09), whatever it touched. */
async function appendEvent(
  { audit }: UpdateAccountDeps,
  before: Account,
  after: Account,
  by: Actor,
): Promise<void> {
  const change = changedFields(auditedFields(before), auditedFields(after));
  await audit.append({ type: 'user.updated', accountId: after.id, change }, by);
}
