import type { Actor, AuditLog } from '../audit/event.ts';
import type { CredentialStore } from '../authn/credential-store.ts';
import type { PasswordHasher, StoredPassword } from '../authn/password-hasher.ts';
import type { FindPasswordFault } from '../authn/password-policy.ts';
import { shortestOperatorPassword } from '../authn/password-rules.ts';
import type { Clock } from '../clock.ts';
import type { FieldFault } from '../errors.ts';
import type { Ids } from '../ids.ts';
import type { InTransaction } from '../transaction.ts';
import { type Account, knownOf } from './account.ts';
import { type AccountInput, auditedFields, faultOf, findAccountFaults } from './account-input.ts';
import type { PresentAttributes } from './attributes/definition.ts';
import { findAttributeFaults } from './attributes/values.ts';
import type { RoleNames } from './role-names.ts';
import type { AccountStore } from './store.ts';

export interface CreateAccountDeps {
  accounts: AccountStore;
  credentials: CredentialStore;
  roles: RoleNames;
  presentAttributes: PresentAttributes;
  hasher: PasswordHasher;
  findPasswordFault: FindPasswordFault;
  /** What becomes of passwords that operators set, unless they say otherwise; the lifetime of temporary ones in seconds. */
  initialPasswords: { areTemporary: boolean; lifetime: number };
  audit: AuditLog;
  inTransaction: InTransaction;
  clock: Clock;
  ids: Ids;
}

export interface CreateAccountInput extends AccountInput {
  /** Set by an operator; without one the person cannot sign in by password. */
  password?: string | undefined;
  /** Whether it works for a limited time only, and only to choose another one (LIMITS row 15). */
  isTemporary?: boolean | undefined;
  by: Actor;
}

export type CreateAccountOutcome =
  | { kind: 'created'; account: Account }
  | { kind: 'refused'; fields: FieldFault[] }
  | { kind: 'login_name_taken' };

/**
 * Makes an account with its password and roles, all or nothing.
 *
 * @throws AppError overloaded when too many passwords are being hashed.
 */
export const makeCreateAccount =
  (deps: CreateAccountDeps) =>
  async (input: CreateAccountInput): Promise<CreateAccountOutcome> => {
    const fields = [
      ...findAccountFaults(input),
      ...faultOf('password', await faultInOperatorPassword(deps, input)),
      ...(await findUnknownRoles(deps.roles, input.roles)),
      ...findAttributeFaults(await deps.presentAttributes(), {
        before: {},
        after: input.profile.attributes ?? {},
        who: 'operator',
      }),
    ];
    if (fields.length > 0) return { kind: 'refused', fields };
    // Before the transaction: hashing waits in a queue, and a transaction must not.
    const password = input.password === undefined ? undefined : await deps.hasher.hash(input.password);
    const account = newAccount(deps, input);
    const { areTemporary, lifetime } = deps.initialPasswords;
    const temporaryUntil =
      (input.isTemporary ?? areTemporary)
        ? new Date(account.createdAt.getTime() + lifetime * 1000)
        : undefined;
    return deps.inTransaction(() => insertAccount(deps, account, { password, temporaryUntil }, input.by));
  };

export type CreateAccount = ReturnType<typeof makeCreateAccount>;

/** What is wrong with the password that an operator sets, if they set one. */
export async function faultInOperatorPassword(
  { findPasswordFault }: Pick<CreateAccountDeps, 'findPasswordFault'>,
  { password, ...input }: AccountInput & { password?: string | undefined },
): Promise<string | undefined> {
  if (password === undefined) return undefined;
  return findPasswordFault(password, { shortest: shortestOperatorPassword, about: knownOf(input) });
}

/** One fault for all roles that do not exist. */
export async function findUnknownRoles(roles: RoleNames, names: readonly string[]): Promise<FieldFault[]> {
  const unknown = await roles.findUnknown(names);
  return unknown.length === 0
    ? []
    : [
        {
          field: 'roles',
          message: `No such role: ${unknown.map((name) => JSON.stringify(name)).join(', ')}.`,
        },
      ];
}

export function newAccount(
  { clock, ids }: Pick<CreateAccountDeps, 'clock' | 'ids'>,
  input: AccountInput,
): Account {
  const now = clock.now();
  return {
    id: ids.id(),
    email: input.email,
    emailVerified: input.email !== null && input.emailVerified === true,
    username: input.username,
    profile: input.profile,
    roles: [...new Set(input.roles)].sort(),
    status: input.status,
    createdAt: now,
    updatedAt: now,
    version: 1,
  };
}

/** Writes account, password and event; to be called in a transaction. */
export async function insertAccount(
  { accounts, credentials, audit }: Pick<CreateAccountDeps, 'accounts' | 'credentials' | 'audit'>,
  account: Account,
  { password, temporaryUntil }: { password: StoredPassword | undefined; temporaryUntil?: Date | undefined },
  by: Actor,
): Promise<CreateAccountOutcome> {
  const written = await accounts.insert(account);
  if (written.kind === 'role_not_found') {
    return { kind: 'refused', fields: [{ field: 'roles', message: 'A role was deleted meanwhile.' }] };
  }
  if (written.kind !== 'written') return { kind: written.kind };
  if (password !== undefined) await credentials.savePassword(account.id, password, temporaryUntil);
  const after = auditedFields(account);
  await audit.append(
    {
      type: 'user.created',
      accountId: account.id,
      change: { after },
      passwordSet: password === undefined ? undefined : true,
    },
    by,
  );
  return { kind: 'created', account };
}
