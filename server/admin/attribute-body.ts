import { z } from 'zod';
import { type AttributeDefinition, attributeTypes } from '../accounts/attributes/definition.ts';
import type { StoredAttribute } from '../accounts/attributes/store.ts';
import { line } from '../accounts/profile/claim-schemas.ts';
import { AppError } from '../errors.ts';
import { findUnknownRemovals, toFieldFaults } from '../field-faults.ts';
import { applyMergePatch } from '../merge-patch.ts';

const language = z
  .string()
  .regex(/^(?:default|[a-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3})$/, 'Give language tags (BCP 47), and default.');

export const attributeName = z
  .string()
  .regex(
    /^[a-z][a-z0-9_]{0,63}$/,
    'Begin with a small letter; use up to 64 small letters, digits and underscores.',
  );

const bound = z.union([z.number(), z.string().max(10)]);
const access = z.enum(['none', 'read', 'write']);

const fields = {
  display_name: z
    .record(language, line(100))
    .refine((names) => Object.hasOwn(names, 'default'), 'Give a name for `default`.')
    .refine((names) => Object.keys(names).length <= 50, 'Give at most 50 names.')
    .meta({ description: 'What people read, by language tag; `default` for every other language.' }),
  type: z.enum(attributeTypes).meta({ description: 'Cannot be changed later.' }),
  validation: z
    .strictObject({
      min: bound.optional().meta({
        description: 'Characters of a text, a number, a day (YYYY-MM-DD), or entries of a list: at least.',
      }),
      max: bound.optional(),
      integer: z.boolean().optional(),
      mask: z.string().max(200).optional().meta({
        description:
          'The form of a text, character by character: 9 is a digit, A and a a letter in that case, * a letter or digit, everything else itself, and what follows a backslash as well.',
      }),
      values: z.array(line()).min(1).max(100).optional().meta({ description: 'What can be chosen.' }),
    })
    .default({}),
  person_access: access.default('read').meta({ description: 'What people may do with their own value.' }),
  operator_access: access
    .default('write')
    .meta({ description: 'What the admin API and imports may do with it.' }),
  required_at_sign_up: z.boolean().default(false),
  claim: z
    .strictObject({
      name: z
        .string()
        .regex(
          /^[A-Za-z][A-Za-z0-9_.:/-]{0,199}$/,
          'Begin with a letter; use letters, digits and _ . : / - only.',
        ),
      scope: z
        .string()
        .regex(
          /^[A-Za-z][A-Za-z0-9_.:/-]{0,99}$/,
          'Begin with a letter; use letters, digits and _ . : / - only.',
        ),
    })
    .nullable()
    .default(null)
    .meta({
      description:
        'How apps get it: the claim, and the scope that brings it, a standard one or one of your own.',
    }),
};

export const newAttributeBody = z
  .strictObject({ name: attributeName, ...fields })
  .meta({ id: 'NewUserAttribute' });
export const attributeBody = z
  .strictObject({ name: attributeName.optional(), ...fields })
  .meta({ id: 'UserAttributeBody' });

export const patchedAttributeBody = z
  .strictObject(
    Object.fromEntries(
      Object.entries({ name: attributeName, ...fields }).map(([name, field]) => [
        name,
        z.nullable(field).optional(),
      ]),
    ),
  )
  .meta({ id: 'UserAttributePatch' });

export const attributeView = z
  .strictObject({
    name: attributeName,
    ...fields,
    created_at: z.int().meta({ description: 'Seconds since 1970.' }),
    updated_at: z.int(),
  })
  .meta({ id: 'UserAttribute' });

/** In the words of the domain. */
export function toDefinition(body: z.output<typeof newAttributeBody>): AttributeDefinition {
  const { default: name = '', ...others } = body.display_name;
  return {
    name: body.name,
    displayName: { ...others, default: name },
    type: body.type,
    rules: body.validation,
    personAccess: body.person_access,
    operatorAccess: body.operator_access,
    requiredAtSignUp: body.required_at_sign_up,
    claim: body.claim,
  };
}

export function showAttribute({
  definition,
  createdAt,
  updatedAt,
}: StoredAttribute): z.output<typeof attributeView> {
  return {
    ...showWritable(definition),
    created_at: Math.floor(createdAt.getTime() / 1000),
    updated_at: Math.floor(updatedAt.getTime() / 1000),
  };
}

/**
 * The whole that a merge patch makes of a definition.
 *
 * @throws AppError invalid_input
 */
export function parseAttributePatch(
  { definition }: StoredAttribute,
  patch: Readonly<Record<string, unknown>>,
): AttributeDefinition {
  const faults = findUnknownRemovals(patch, newAttributeBody.shape);
  const merged = newAttributeBody.safeParse(applyMergePatch(showWritable(definition), patch));
  if (!merged.success) faults.push(...toFieldFaults(merged.error));
  if (faults.length > 0 || !merged.success) throw new AppError('invalid_input', { fields: faults });
  return toDefinition(merged.data);
}

function showWritable({ name, displayName, type, rules, claim, ...rest }: AttributeDefinition) {
  const { values, ...others } = rules;
  return {
    name,
    display_name: { ...displayName },
    type,
    validation: { ...others, ...(values === undefined ? {} : { values: [...values] }) },
    person_access: rest.personAccess,
    operator_access: rest.operatorAccess,
    required_at_sign_up: rest.requiredAtSignUp,
    claim: claim === null ? null : { ...claim },
  };
}
