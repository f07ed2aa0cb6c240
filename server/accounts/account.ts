import { domainToASCII } from 'node:url';
import type { AttributeValues } from './attributes/definition.ts';

/** OIDC Core 5.1 standard claims that a person has beside sub, email and preferred_username; in their own names. */
export interface Profile {
  name?: string | undefined;
  given_name?: string | undefined;
  family_name?: string | undefined;
  middle_name?: string | undefined;
  nickname?: string | undefined;
  profile?: string | undefined;
  picture?: string | undefined;
  website?: string | undefined;
  gender?: string | undefined;
  birthdate?: string | undefined;
  zoneinfo?: string | undefined;
  locale?: string | undefined;
  phone_number?: string | undefined;
  phone_number_verified?: boolean | undefined;
  address?:
    | {
        formatted?: string | undefined;
        street_address?: string | undefined;
        locality?: string | undefined;
        region?: string | undefined;
        postal_code?: string | undefined;
        country?: string | undefined;
      }
    | undefined;
  /** What the operator has defined beside them. */
  attributes?: AttributeValues | undefined;
}

export type AccountStatus = 'active' | 'disabled';

/** A person's record. `id` is the `sub`; it is never used again for somebody else. */
export interface Account {
  id: string;
  /** As the person writes it; unique in its folded form together with user names. */
  email: string | null;
  emailVerified: boolean;
  username: string | null;
  profile: Profile;
  roles: string[];
  status: AccountStatus;
  createdAt: Date;
  updatedAt: Date;
  /** Grows with every change; the ETag. */
  version: number;
}

/**
 * The form in which e-mail addresses and user names are compared: NFKC, lower case, trimmed, domains in ASCII. One namespace
 * for both, so nobody can take another person's address as a user name. docs/decisions/0020 says how it differs from PRECIS.
 */
export function foldLoginName(name: string): string {
  return withAsciiDomain(name.normalize('NFKC').trim().toLowerCase().normalize('NFKC'));
}

/** An address as mail is sent to it: an internationalised domain in its A-labels (RFC 5890 2.3.2.1, UTS #46). */
export function withAsciiDomain(address: string): string {
  const at = address.lastIndexOf('@');
  const domain = address.slice(at + 1);
  if (at === -1 || !/\P{ASCII}/u.test(domain)) return address;
  return `${address.slice(0, at + 1)}${domainToASCII(domain) || domain}`;
}

/** What a page calls a person by: their name, or else what they sign in with. */
export const nameOf = ({ id, email, username, profile }: Account): string =>
  profile.name ?? email ?? username ?? id;

/** What others know of a person: nothing of it makes a password harder to guess. */
export function knownOf({ email, username, profile }: Pick<Account, 'email' | 'username' | 'profile'>) {
  const { name, given_name: given, middle_name: middle, family_name: family, nickname } = profile;
  return [email, username, name, given, middle, family, nickname];
}
