import { z } from 'zod';
import { faulty } from './content.ts';
import { fromFields } from './fields.ts';
import type { FromJson } from './from-json.ts';

const record = z.looseObject({
  pk: z.union([z.number(), z.string()]).optional(),
  model: z.string(),
  fields: z.looseObject({
    username: z.string().nullish(),
    email: z.string().nullish(),
    password: z.string().nullish(),
    first_name: z.string().nullish(),
    last_name: z.string().nullish(),
    is_active: z.boolean().nullish(),
    date_joined: z.string().nullish(),
    groups: z.array(z.union([z.number(), z.string(), z.array(z.string())])).nullish(),
  }),
});

/** A user of `manage.py dumpdata`: any model that has a password and a login name. Records of other models are none. */
export const fromDjango: FromJson = (value) => {
  const parsed = record.safeParse(value);
  if (!parsed.success) return faulty('(item)', 'This is not as Django writes it.');
  const { pk, fields } = parsed.data;
  if (fields.password === undefined || (fields.username === undefined && fields.email === undefined))
    return undefined;
  const groups = fields.groups ?? [];
  if (groups.some((group) => typeof group === 'number'))
    return faulty(
      'groups',
      'Groups have numbers here; write the dump with --natural-foreign, so that they have names.',
    );
  const texts = {
    id: pk === undefined ? undefined : String(pk),
    preferred_username: fields.username,
    email: fields.email,
    password_hash: fields.password,
    given_name: fields.first_name,
    family_name: fields.last_name,
    is_active: fields.is_active === undefined ? undefined : String(fields.is_active),
    created_at: fields.date_joined,
    roles: groups.flat().join(' '),
  };
  const given = Object.entries(texts).flatMap(([name, text]) => (text ? [[name, text] as const] : []));
  return fromFields(Object.fromEntries(given));
};
