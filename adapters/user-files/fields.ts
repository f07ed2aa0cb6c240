import { booleanOf, type Content, faulty, loginNames, person, timeOf } from './content.ts';

/** Fields of the file format `csv`, in the words of the admin API, and what they are called elsewhere too. */
const aliases: Readonly<Record<string, readonly string[]>> = {
  id: ['sub', 'user_id'],
  email: ['e-mail', 'mail', 'email_address', 'user_email'],
  email_verified: ['verified', 'email_confirmed'],
  preferred_username: ['username', 'user_name', 'login', 'user_login'],
  name: ['display_name', 'full_name'],
  given_name: ['first_name', 'firstname'],
  family_name: ['last_name', 'lastname', 'surname'],
  middle_name: [],
  nickname: ['user_nicename'],
  profile: [],
  picture: ['avatar', 'photo_url'],
  website: ['user_url', 'url'],
  gender: [],
  birthdate: [],
  zoneinfo: ['timezone', 'time_zone'],
  locale: ['language'],
  phone_number: ['phone'],
  phone_number_verified: [],
  roles: ['role', 'groups'],
  status: [],
  is_active: ['active', 'enabled'],
  created_at: ['date_joined', 'user_registered'],
  password_hash: ['password', 'user_pass', 'hash', 'passwordhash'],
};

/** Names of the columns that a table may have. */
export const fieldNames = Object.keys(aliases);

/** Our name for a column; undefined for one that is not taken. */
export function fieldOf(column: string): string | undefined {
  const name = column.trim().toLowerCase().replaceAll(' ', '_');
  return Object.hasOwn(aliases, name) ? name : fieldNames.find((field) => aliases[field]?.includes(name));
}

/** A person out of texts, as tables have them. */
export function fromFields(fields: Readonly<Record<string, string>>): Content {
  const { id, password_hash: hash = '', created_at: created, is_active: active, roles, ...rest } = fields;
  const { email, preferred_username: username, email_verified, phone_number_verified, ...texts } = rest;
  const enabled = active === undefined || active === '' ? true : booleanOf(active);
  if (typeof enabled === 'string') return faulty('is_active', 'Write true or false.');
  const body = {
    ...texts,
    ...loginNames(username, email),
    email_verified:
      email_verified === undefined || email_verified === '' ? undefined : booleanOf(email_verified),
    phone_number_verified:
      phone_number_verified === undefined || phone_number_verified === ''
        ? undefined
        : booleanOf(phone_number_verified),
    roles: roles?.split(/[\s,;|]+/).filter((role) => role !== ''),
    ...(enabled ? {} : { status: 'disabled' }),
  };
  return person(body, { id, passwordHash: usable(hash), createdAt: timeOf(created) });
}

/** Django writes `!` in front of what is no password, Unix `!` or `*`. */
function usable(hash: string): string | undefined {
  return hash === '' || hash.startsWith('!') || hash.startsWith('*') ? undefined : hash;
}
