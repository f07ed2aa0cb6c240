import { z } from 'zod';
import { faulty, loginNames, person, timeOf } from './content.ts';
import type { FromJson } from './from-json.ts';

const text = z.string().nullish();
const user = z.looseObject({
  _id: z.looseObject({ $oid: z.string() }).optional(),
  user_id: text,
  email: text,
  email_verified: z.boolean().nullish(),
  username: text,
  name: text,
  given_name: text,
  family_name: text,
  nickname: text,
  picture: text,
  locale: text,
  phone_number: text,
  phone_verified: z.boolean().nullish(),
  blocked: z.boolean().nullish(),
  created_at: z.union([z.string(), z.looseObject({ $date: z.string() })]).nullish(),
  // Of the export of hashes that Auth0's support makes, and of its bulk import.
  passwordHash: text,
  password_hash: text,
  custom_password_hash: z.looseObject({ hash: z.looseObject({ value: z.string() }) }).nullish(),
  app_metadata: z.looseObject({ roles: z.array(z.string()).optional() }).nullish(),
});

/** A user of an Auth0 export. */
export const fromAuth0: FromJson = (value) => {
  const parsed = user.safeParse(value);
  if (!parsed.success)
    return faulty(parsed.error.issues[0]?.path.join('.') || '(line)', 'This is not as Auth0 writes it.');
  const { data } = parsed;
  const created = typeof data.created_at === 'object' ? data.created_at?.$date : data.created_at;
  const hash = data.passwordHash ?? data.password_hash ?? data.custom_password_hash?.hash.value;
  return person(
    {
      ...loginNames(data.username, data.email),
      email_verified: data.email_verified,
      name: data.name,
      given_name: data.given_name,
      family_name: data.family_name,
      nickname: data.nickname,
      picture: data.picture,
      locale: data.locale,
      phone_number: data.phone_number,
      phone_number_verified: data.phone_number ? data.phone_verified : undefined,
      roles: data.app_metadata?.roles,
      status: data.blocked === true ? 'disabled' : undefined,
    },
    { id: data.user_id ?? data._id?.$oid, passwordHash: hash ?? undefined, createdAt: timeOf(created) },
  );
};
