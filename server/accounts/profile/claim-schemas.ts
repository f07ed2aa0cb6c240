import { z } from 'zod';
import type { Profile } from '../account.ts';

/** Controls, line separators, and what would turn the direction of the text around it. */
const notForPeople = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\p{Bidi_Control}]/u;
/** Something that is seen; a name of spaces alone is a hole in every list. */
const seen = /[^\p{Z}\p{Default_Ignorable_Code_Point}]/u;

/** One line for people. */
export const line = (most = 200) =>
  z
    .string()
    .min(1)
    .max(most)
    .refine(
      (text) => !notForPeople.test(text) && seen.test(text),
      'Use visible characters only, in one line.',
    );

/** Of a page about the person; nothing that a browser would run when somebody follows it. */
const url = z
  .string()
  .max(2048)
  .refine(
    (text) => /^https?:\/\/[\x21-\x7e]+$/i.test(text) && URL.canParse(text),
    'Give an address that begins with https:// or http://.',
  )
  .meta({ format: 'uri' });

const manyLines = (most: number) =>
  z
    .string()
    .min(1)
    .max(most)
    .refine(
      (text) => !notForPeople.test(text.replaceAll(/\r?\n/g, ' ')) && seen.test(text),
      'Use visible characters only.',
    );

const addressParts = {
  formatted: manyLines(1000),
  street_address: manyLines(500),
  locality: line(),
  region: line(),
  postal_code: line(50),
  country: line(),
};

const birthdate = z
  .string()
  .refine(isDate, 'Write YYYY-MM-DD, or YYYY.')
  .meta({ description: 'YYYY-MM-DD, or YYYY; the year may be 0000 (OIDC Core 5.1).' });

/** What it may be follows from the definition; here only what fits into memory. */
const attributeValue = z.union([
  z.string().max(4000),
  z.number(),
  z.boolean(),
  z.array(z.string().max(1000)).max(100),
]);

/** OIDC Core 5.1, without those that stand for the account itself: as an operator or another system gives them. */
export const profileClaims = {
  name: line().optional(),
  given_name: line().optional(),
  family_name: line().optional(),
  middle_name: line().optional(),
  nickname: line().optional(),
  profile: url.optional(),
  picture: url.optional(),
  website: url.optional(),
  gender: line(50).optional(),
  birthdate: birthdate.optional(),
  zoneinfo: line(64).optional().meta({ description: 'A time zone, as in Europe/Paris.' }),
  locale: z
    .string()
    .max(35)
    .regex(/^[A-Za-z]{2,8}(?:[-_][A-Za-z0-9]{1,8})*$/, 'Write a language tag, as in en-US (RFC 5646).')
    .optional(),
  phone_number: line(50).optional().meta({ description: 'Best in E.164, as in +1 604 555 1234.' }),
  phone_number_verified: z.boolean().optional(),
  address: z.strictObject(optionalParts()).optional(),
  attributes: z
    .record(z.string().max(64), attributeValue)
    .optional()
    .meta({ description: 'What this service defines beside them (user-attributes), by name.' }),
} satisfies Record<keyof Profile, z.ZodType>;

const zones: ReadonlySet<string> = new Set(['UTC', ...Intl.supportedValuesOf('timeZone')]);

/** Every time zone that can be chosen, by name. */
export const timeZones: readonly string[] = [...zones].sort();

/** A field that `null` removes (RFC 7396); removed ones are undefined. */
const removable = <Schema extends z.ZodType>(schema: Schema) =>
  schema
    .nullable()
    .optional()
    .transform((value) => value ?? undefined);

/**
 * What a person may change of their own profile, as a merge patch. Stricter than what operators may bring along: what comes
 * from here is known to be usable. Nothing that proves something or lets somebody do something is here (ATTACKS I01), and no
 * picture: that is uploaded, so that no page of anybody fetches from where the person says.
 */
export const ownProfileClaims = {
  name: removable(line()),
  given_name: removable(line()),
  family_name: removable(line()),
  middle_name: removable(line()),
  nickname: removable(line()),
  profile: removable(url),
  website: removable(url),
  gender: removable(line(50)),
  birthdate: removable(birthdate),
  zoneinfo: removable(
    z.string().refine((zone) => zones.has(zone), 'Choose a time zone by its name, as in Europe/Paris.'),
  ),
  locale: removable(z.string().max(35).refine(isKnownLocale, 'Write a language tag, as in en-GB (BCP 47).')),
  phone_number: removable(
    z
      .string()
      .regex(/^\+[1-9]\d{5,14}$/, 'Write it with the country code and without spaces, as in +16045551234.')
      .meta({ description: 'E.164' }),
  ),
  address: removable(
    z.strictObject({
      formatted: removable(addressParts.formatted),
      street_address: removable(addressParts.street_address),
      locality: removable(addressParts.locality),
      region: removable(addressParts.region),
      postal_code: removable(addressParts.postal_code),
      country: removable(addressParts.country),
    }),
  ),
  attributes: removable(z.record(z.string().max(64), attributeValue.nullable())).meta({
    description: 'What this service asks beside them, by name.',
  }),
};

const ownProfile = z.strictObject(ownProfileClaims);

/** Changes of one's own profile: what is undefined and there is removed. */
export type OwnProfileChanges = z.output<typeof ownProfile>;

function optionalParts() {
  const { formatted, street_address, locality, region, postal_code, country } = addressParts;
  return {
    formatted: formatted.optional(),
    street_address: street_address.optional(),
    locality: locality.optional(),
    region: region.optional(),
    postal_code: postal_code.optional(),
    country: country.optional(),
  };
}

/** A day that the calendar has; OIDC Core 5.1 lets the year be 0000, then 29 February is one. */
export function isDate(text: string): boolean {
  const [, year, month, day] = /^(\d{4})(?:-(\d{2})-(\d{2}))?$/.exec(text) ?? [];
  if (year === undefined) return false;
  if (month === undefined || day === undefined) return true;
  const date = new Date(`${year}-${month}-${day}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

function isKnownLocale(tag: string): boolean {
  try {
    return Intl.DateTimeFormat.supportedLocalesOf([tag]).length === 1;
  } catch {
    return false;
  }
}
