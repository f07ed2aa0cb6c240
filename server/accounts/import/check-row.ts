import type { ForeignPassword, ReadForeignHash } from '../../authn/foreign-password.ts';
import type { Clock } from '../../clock.ts';
import type { FieldFault } from '../../errors.ts';
import type { Ids } from '../../ids.ts';
import type { Account } from '../account.ts';
import { type AccountInput, auditedFields, findAccountFaults } from '../account-input.ts';
import type { AttributeDefinition } from '../attributes/definition.ts';
import { findAttributeFaults } from '../attributes/values.ts';
import { newAccount } from '../create-account.ts';
import type { NewAccount } from './import-store.ts';
import type { FileRow } from './user-file.ts';

/** What is done with hashes by which a thief would soon find the password. */
export type WeakHashes = 'accept' | 'reset' | 'refuse';

export interface CheckRowDeps {
  /** The schema of the admin API. */
  parse(
    body: unknown,
  ): { kind: 'parsed'; input: AccountInput } | { kind: 'refused'; fields: readonly FieldFault[] };
  readHash: ReadForeignHash;
  weakHashes: WeakHashes;
  clock: Clock;
  ids: Ids;
}

export type CheckedRow =
  | { kind: 'fit'; row: NewAccount }
  | { kind: 'refused'; fields: readonly FieldFault[] };

/** The admin API lets ids of other systems be used in its paths, and OIDC Core 2 limits a `sub` to 255 characters. */
const idForm = /^[A-Za-z0-9._~-]{1,128}$/;

/**
 * Makes of a row of the file what is to be written, or tells what is wrong with it.
 *
 * @param known all roles and attributes that exist
 * @param keepIds whether the other system's id becomes the `sub`
 */
export const makeCheckRow =
  (
    deps: CheckRowDeps,
    known: { roles: ReadonlySet<string>; definitions: readonly AttributeDefinition[] },
    keepIds: boolean,
    importId: string | undefined,
  ) =>
  ({ content }: FileRow): CheckedRow => {
    const { roles, definitions } = known;
    if (content.kind === 'faulty') return refuse([{ field: content.field, message: content.why }]);
    const { user } = content;
    const parsed = deps.parse(user.body);
    if (parsed.kind === 'refused') return parsed;
    const { input } = parsed;
    const hash = readHash(deps, user.passwordHash);
    const id = keepIds ? user.id : undefined;
    const fields = [
      ...findAccountFaults(input),
      ...unknownRoles(input.roles, roles),
      ...findAttributeFaults(definitions, {
        before: {},
        after: input.profile.attributes ?? {},
        who: 'operator',
      }),
      ...(hash.kind === 'refused' ? [{ field: 'password', message: hash.why }] : []),
      ...(keepIds && (id === undefined || !idForm.test(id)) ? [{ field: 'id', message: faultInId }] : []),
    ];
    if (fields.length > 0 || hash.kind === 'refused') return refuse(fields);
    const account = accountOf(deps, input, id, user.createdAt);
    const event = {
      type: 'user.created' as const,
      accountId: account.id,
      change: { after: auditedFields(account) },
      passwordSet: hash.password === undefined ? undefined : (true as const),
      importId,
    };
    return { kind: 'fit', row: { account, password: hash.password, mustReset: hash.mustReset, event } };
  };

const faultInId =
  'This cannot be kept as an id: 1 to 128 letters, digits, dots, hyphens, underscores and tildes can be.';

const refuse = (fields: readonly FieldFault[]): CheckedRow => ({ kind: 'refused', fields });

function accountOf(
  deps: CheckRowDeps,
  input: AccountInput,
  id: string | undefined,
  createdAt: Date | undefined,
): Account {
  const account = newAccount(deps, input);
  return {
    ...account,
    id: id ?? account.id,
    createdAt: createdAt !== undefined && createdAt < account.createdAt ? createdAt : account.createdAt,
  };
}

function unknownRoles(names: readonly string[], roles: ReadonlySet<string>): FieldFault[] {
  const unknown = names.filter((name) => !roles.has(name)).map((name) => JSON.stringify(name));
  return unknown.length === 0 ? [] : [{ field: 'roles', message: `No such role: ${unknown.join(', ')}.` }];
}

function readHash(
  { readHash: read, weakHashes }: CheckRowDeps,
  text: string | undefined,
):
  | { kind: 'read'; password: ForeignPassword | undefined; mustReset: boolean }
  | { kind: 'refused'; why: string } {
  if (text === undefined) return { kind: 'read', password: undefined, mustReset: false };
  const hash = read(text);
  if (hash.kind === 'refused') return hash;
  if (hash.weak === undefined || weakHashes === 'accept')
    return { kind: 'read', password: hash.password, mustReset: false };
  if (weakHashes === 'reset') return { kind: 'read', password: hash.password, mustReset: true };
  return { kind: 'refused', why: `The hash is too weak to be taken over: ${hash.weak}.` };
}
