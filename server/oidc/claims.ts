import type { AccountClaims, Account as EngineAccount } from 'oidc-provider';
import type { Account } from '../accounts/account.ts';
import type { ActClaim } from './support.ts';

/** Which claims a scope brings (OIDC Core 5.4), and `roles`, ours. */
export const claimsOfScopes = {
  // `act` (RFC 8693 4.1) is there where an operator acts for the person.
  openid: ['sub', 'act'],
  profile: [
    'name',
    'family_name',
    'given_name',
    'middle_name',
    'nickname',
    'preferred_username',
    'profile',
    'picture',
    'website',
    'gender',
    'birthdate',
    'zoneinfo',
    'locale',
    'updated_at',
  ],
  email: ['email', 'email_verified'],
  address: ['address'],
  phone: ['phone_number', 'phone_number_verified'],
  roles: ['roles'],
  // No scope brings it; a client asks for it by the `claims` parameter, as for the engine's own acr and auth_time.
  amr: null,
};

/** Scopes that the engine itself grants; those of resource servers come with a `resource`. */
export const oidcScopes = ['openid', 'offline_access', 'profile', 'email', 'address', 'phone', 'roles'];

/** What the engine knows of a person. `roles` is ours: the resource servers' policy reads it. */
export interface KnownAccount extends EngineAccount {
  roles: readonly string[];
  emailVerified: boolean;
}

/** What an account's attributes are to apps, by claim. */
export type ReadAttributes = (account: Account) => Record<string, unknown>;

/** The account as the engine wants it. */
export function knownAccount(account: Account, attributesOf: ReadAttributes, act?: ActClaim): KnownAccount {
  // crash point: account_found
  return {
    accountId: account.id,
    roles: account.roles,
    emailVerified: account.emailVerified,
    claims: () => ({ ...claimsOf(account, attributesOf), ...(act === undefined ? {} : { act }) }),
  };
}

/** Every claim that this account could give; the engine picks those that scope, claims parameter and consent allow. */
export function claimsOf(account: Account, attributesOf: ReadAttributes): AccountClaims {
  // crash point: claims_read
  const { attributes: _, ...profile } = account.profile;
  return {
    ...attributesOf(account),
    sub: account.id,
    ...profile,
    preferred_username: account.username ?? undefined,
    email: account.email ?? undefined,
    // A JSON boolean even where there is no address: strict clients refuse strings and null here.
    email_verified: account.email === null ? undefined : account.emailVerified,
    roles: account.roles,
    updated_at: Math.floor(account.updatedAt.getTime() / 1000),
  };
}
