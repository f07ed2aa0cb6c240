import { z } from 'zod';
import type { Account } from '../accounts/account.ts';
import type { AccountInput } from '../accounts/account-input.ts';
import { type AttributeDefinition, valuesOf } from '../accounts/attributes/definition.ts';
import { visibleValues } from '../accounts/attributes/values.ts';
import { profileClaims } from '../accounts/profile/claim-schemas.ts';
import { AppError } from '../errors.ts';
import { findUnknownRemovals, toFieldFaults } from '../field-faults.ts';
import { applyMergePatch } from '../merge-patch.ts';

const roleNames = z.array(z.string().min(1).max(100)).max(100);

const account = {
  email: z.string().max(320).optional(),
  email_verified: z
    .boolean()
    .optional()
    .meta({ description: 'Left out: false for a new or changed address.' }),
  preferred_username: z.string().max(254).optional().meta({ description: 'A name to sign in with.' }),
  ...profileClaims,
  roles: roleNames.default([]).meta({ description: 'To set them takes the scope roles:write too.' }),
  status: z.enum(['active', 'disabled']).default('active'),
};

/** A user as it is written, whole. */
export const userBody = z
  .strictObject({
    ...account,
    password: z.string().min(1).max(4096).optional().meta({ writeOnly: true }),
    password_temporary: z.boolean().optional().meta({
      writeOnly: true,
      description:
        'Whether the password works for a limited time only, and only to choose another one. Left out: as the setting INITIAL_PASSWORDS says.',
    }),
  })
  .meta({ id: 'NewUser' });

export type UserBody = z.output<typeof userBody>;

/** A user as it is changed: what is said of a password was for its first day only. */
const changedUser = z.strictObject(account);

export const patchedUserBody = z
  .strictObject(
    Object.fromEntries(Object.entries(account).map(([name, field]) => [name, z.nullable(field).optional()])),
  )
  .meta({ id: 'UserPatch' });

/** A user as it is read. */
export const userView = z
  .strictObject({
    sub: z.string(),
    ...account,
    created_at: z.int().meta({ description: 'Seconds since 1970.' }),
    updated_at: z.int().meta({ description: 'Seconds since 1970 (OIDC Core 5.1).' }),
  })
  .meta({ id: 'User' });

/** @param definitions what there is beside the standard claims */
export function showUser(
  user: Account,
  definitions: readonly AttributeDefinition[],
): z.output<typeof userView> {
  return {
    sub: user.id,
    ...showWritable(user, definitions),
    ...(user.email === null ? {} : { email_verified: user.emailVerified }),
    created_at: toSeconds(user.createdAt),
    updated_at: toSeconds(user.updatedAt),
  };
}

const passwordOfOthers =
  'Nobody chooses the password of somebody else. POST /users/{id}/reset-password sends them a link to choose one.';

/** The whole that a merge patch makes of a user. `email_verified` is left to the use case, which knows what a new address means. */
export function parseUserPatch(
  user: Account,
  patch: Readonly<Record<string, unknown>>,
  definitions: readonly AttributeDefinition[],
): z.output<typeof changedUser> {
  const { password, ...rest } = patch;
  const fields = findUnknownRemovals(rest, changedUser.shape);
  if (password !== undefined) fields.push({ field: 'password', message: passwordOfOthers });
  const merged = changedUser.safeParse(applyMergePatch(showWritable(user, definitions), rest));
  if (!merged.success) fields.push(...toFieldFaults(merged.error));
  if (fields.length > 0 || !merged.success) throw new AppError('invalid_input', { fields });
  return merged.data;
}

/** In the words of the domain. */
export function toAccountInput(
  body: UserBody,
): AccountInput & { password?: string | undefined; isTemporary?: boolean | undefined } {
  const {
    email,
    email_verified,
    preferred_username,
    roles,
    status,
    password,
    password_temporary: isTemporary,
    ...rest
  } = body;
  return {
    email: email ?? null,
    emailVerified: email_verified,
    username: preferred_username ?? null,
    profile: rest,
    roles,
    status,
    password,
    isTemporary,
  };
}

function showWritable(user: Account, definitions: readonly AttributeDefinition[]) {
  const { email, username, roles, status } = user;
  const { attributes: _, ...details } = user.profile;
  const attributes = visibleValues(definitions, valuesOf(user), 'operator');
  return {
    ...(email === null ? {} : { email }),
    ...(username === null ? {} : { preferred_username: username }),
    ...details,
    ...(attributes === undefined ? {} : { attributes: { ...attributes } }),
    roles,
    status,
  };
}

const toSeconds = (time: Date): number => Math.floor(time.getTime() / 1000);
