import { z } from 'zod';
import { type Content, faulty, loginNames, person, timeOf } from './content.ts';
import type { FromJson } from './from-json.ts';

const credential = z.looseObject({
  type: z.string(),
  secretData: z.string().optional(),
  credentialData: z.string().optional(),
  // Until version 8.
  hashedSaltedValue: z.string().optional(),
  salt: z.string().optional(),
  hashIterations: z.number().optional(),
  algorithm: z.string().optional(),
});
type Credential = z.output<typeof credential>;

const user = z.looseObject({
  id: z.string().optional(),
  username: z.string().nullish(),
  email: z.string().nullish(),
  emailVerified: z.boolean().nullish(),
  enabled: z.boolean().nullish(),
  firstName: z.string().nullish(),
  lastName: z.string().nullish(),
  createdTimestamp: z.number().nullish(),
  attributes: z.record(z.string(), z.union([z.string(), z.array(z.string())])).nullish(),
  credentials: z.array(credential).nullish(),
  realmRoles: z.array(z.string()).nullish(),
});

const secretData = z.looseObject({ value: z.string(), salt: z.string().optional() });
const credentialData = z.looseObject({
  algorithm: z.string(),
  hashIterations: z.number().int(),
  additionalParameters: z.record(z.string(), z.array(z.string())).nullish(),
});

/** Where users are: a realm or a part of one, several realms. */
export const keycloakPaths = ['$.users.*', '$.*.users.*'];

/** Attributes that are standard claims in all but their spelling. */
const claims: Readonly<Record<string, string>> = {
  locale: 'locale',
  zoneinfo: 'zoneinfo',
  phoneNumber: 'phone_number',
  picture: 'picture',
  website: 'website',
  nickname: 'nickname',
  middleName: 'middle_name',
  gender: 'gender',
  birthdate: 'birthdate',
};
/** Everybody has these there, and they mean nothing here. */
const ownRoles = /^(?:default-roles-.*|offline_access|uma_authorization)$/;

/** A user of a Keycloak realm export. */
export const fromKeycloak: FromJson = (value) => {
  const parsed = user.safeParse(value);
  if (!parsed.success)
    return faulty(parsed.error.issues[0]?.path.join('.') || '(item)', 'This is not as Keycloak writes it.');
  const { data } = parsed;
  const hash = passwordOf(data.credentials ?? []);
  if (typeof hash === 'object') return hash;
  return person(
    {
      ...attributesOf(data.attributes ?? {}),
      ...loginNames(data.username, data.email),
      email_verified: data.emailVerified,
      given_name: data.firstName,
      family_name: data.lastName,
      name: [data.firstName, data.lastName].filter(Boolean).join(' '),
      roles: data.realmRoles?.filter((role) => !ownRoles.test(role)),
      status: data.enabled === false ? 'disabled' : undefined,
    },
    { id: data.id, passwordHash: hash, createdAt: timeOf(data.createdTimestamp) },
  );
};

function attributesOf(attributes: Readonly<Record<string, string | string[]>>): Record<string, unknown> {
  const found = Object.entries(claims).map(([theirs, ours]) => {
    const given = attributes[theirs];
    return [ours, Array.isArray(given) ? given[0] : given] as const;
  });
  return Object.fromEntries(found);
}

/** The newest form keeps JSON in JSON. */
function passwordOf(credentials: readonly Credential[]): string | Content | undefined {
  const found = credentials.find(({ type }) => type === 'password');
  if (found === undefined) return undefined;
  if (found.secretData === undefined || found.credentialData === undefined) return oldForm(found);
  const secret = secretData.safeParse(parse(found.secretData));
  const kind = credentialData.safeParse(parse(found.credentialData));
  if (!secret.success || !kind.success)
    return faulty('credentials', 'The password is not as Keycloak writes it.');
  const { algorithm, hashIterations, additionalParameters } = kind.data;
  const { value, salt = '' } = secret.data;
  if (algorithm !== 'argon2') return pbkdf2(algorithm, hashIterations, salt, value);
  const of = (name: string): string => additionalParameters?.[name]?.[0] ?? '';
  const version = of('version') === '1.0' ? 16 : 19;
  const parameters = `m=${of('memory')},t=${hashIterations},p=${of('parallelism')}`;
  return `$argon2${of('type')}$v=${version}$${parameters}$${unpadded(salt)}$${unpadded(value)}`;
}

function oldForm({
  hashedSaltedValue,
  salt,
  hashIterations,
  algorithm = 'pbkdf2',
}: Credential): string | Content {
  if (hashedSaltedValue === undefined || salt === undefined || hashIterations === undefined)
    return faulty('credentials', 'The password is not as Keycloak writes it.');
  return pbkdf2(algorithm, hashIterations, salt, hashedSaltedValue);
}

/** An algorithm of another name, from an extension, is told by whoever reads hashes. */
function pbkdf2(algorithm: string, iterations: number, salt: string, value: string): string {
  if (algorithm === 'bcrypt') return value;
  return `$${algorithm}$i=${iterations}$${unpadded(salt)}$${unpadded(value)}`;
}

const unpadded = (text: string): string => text.replace(/=+$/, '');

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
