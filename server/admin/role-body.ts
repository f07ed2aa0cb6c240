import { z } from 'zod';
import type { Role } from '../clients/roles/role.ts';
import type { RoleInput } from '../clients/roles/role-input.ts';
import { AppError } from '../errors.ts';
import { findUnknownRemovals, toFieldFaults } from '../field-faults.ts';
import { applyMergePatch } from '../merge-patch.ts';

/** Any text that could be the name of a role; what a new one may be is the use case's to say. */
const roleName = z
  .string()
  .min(1)
  .max(100)
  .refine((text) => !/[\p{Cc}\p{Cs}]/u.test(text), 'Use visible characters only.');

/** The name in paths. */
export const oneRole = z.strictObject({ name: roleName });

const permission = z
  .strictObject({
    resource: z.string().min(1).max(2048).meta({ description: 'The audience of a resource server.' }),
    scope: z.string().min(1).max(128).meta({ description: 'A scope of it.' }),
  })
  .meta({ id: 'Permission' });

const parts = {
  description: z.string().max(300).default(''),
  permissions: z.array(permission).max(1000).default([]).meta({
    description:
      'What whoever has the role may do. From then on nobody gets these scopes who has no role with them.',
  }),
  roles: z.array(roleName).max(100).default([]).meta({
    description: 'Roles that it contains: who has it has what they allow, too.',
  }),
};

export const roleBody = z
  .strictObject({ name: roleName.meta({ description: 'It cannot be changed afterwards.' }), ...parts })
  .meta({ id: 'NewRole' });

/** The whole of what can be changed; the name may stand there as it is. */
const changedRole = z.strictObject({ name: roleName.optional(), ...parts });

export const changedRoleBody = changedRole.meta({ id: 'RoleParts' });

export const patchedRoleBody = z
  .strictObject({
    name: roleName.optional(),
    ...Object.fromEntries(Object.entries(parts).map(([name, field]) => [name, z.nullable(field).optional()])),
  })
  .meta({ id: 'RolePatch' });

const moment = z.int().meta({ description: 'Seconds since 1970.' });

export const roleView = z
  .strictObject({
    name: z.string(),
    description: z.string(),
    permissions: z.array(permission),
    roles: z.array(z.string()),
    built_in: z.boolean().meta({ description: "One of the server's own, which cannot be changed." }),
    created_at: moment,
    updated_at: moment,
  })
  .meta({ id: 'Role' });

const toSeconds = (time: Date): number => Math.floor(time.getTime() / 1000);

/** @param permissions of a built-in role, which are not stored */
export function showRole(
  role: Role,
  permissions: Role['permissions'] = role.permissions,
): z.output<typeof roleView> {
  return {
    name: role.name,
    description: role.description,
    permissions: [...permissions],
    roles: [...role.roles],
    built_in: role.builtIn,
    created_at: toSeconds(role.createdAt),
    updated_at: toSeconds(role.updatedAt),
  };
}

/**
 * The whole that a merge patch makes of a role.
 *
 * @throws AppError invalid_input
 */
export function parseRolePatch(role: Role, patch: Readonly<Record<string, unknown>>): RoleInput {
  const { description, permissions, roles } = role;
  const fields = findUnknownRemovals(patch, changedRole.shape);
  const merged = changedRole.safeParse(applyMergePatch({ description, permissions, roles }, patch));
  if (!merged.success) fields.push(...toFieldFaults(merged.error));
  if (fields.length > 0 || !merged.success) throw new AppError('invalid_input', { fields });
  return requireSameName(role, merged.data);
}

/** @throws AppError invalid_input when it names another role */
export function requireSameName(role: Role, { name, ...input }: z.output<typeof changedRole>): RoleInput {
  if (name === undefined || name === role.name) return input;
  throw new AppError('invalid_input', { fields: [{ field: 'name', message: 'This cannot be changed.' }] });
}
