import type { AccountClaims, Account as EngineAccount } from 'oidc-provider';
import type { Account } from '../accounts/account.ts';
import type { RoleGraph } from '../clients/roles/graph.ts';
import type { ActClaim } from './support.ts';

/** Which claims a scope brings (OIDC Core 5.4), and `roles` and `permissions`, ours. */
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
  permissions: ['permissions'],
  // No scope brings it; a client asks for it by the `claims` parameter, as for the engine's own acr and auth_time.
  amr: null,
};

/** Scopes that the engine itself grants; those of resource servers come with a `resource`. */
export const oidcScopes = [
  'openid',
  'offline_access',
  'profile',
  'email',
  'address',
  'phone',
  'roles',
  'permissions',
];

/** What the engine knows of a person. `roles` is ours, those that were given: the resource servers' policy reads it. */
export interface KnownAccount extends EngineAccount {
  roles: readonly string[];
  emailVerified: boolean;
}

/** What an account's attributes are to apps, by claim. */
export type ReadAttributes = (account: Account) => Record<string, unknown>;

/** What claims come from beside the account itself; all of it in memory. */
export interface ClaimSources {
  attributesOf: ReadAttributes;
  roleGraph: { current(): Promise<RoleGraph> };
}

/** The account as the engine wants it. */
export function knownAccount(
  account: Account,
  { attributesOf, roleGraph }: ClaimSources,
  act?: ActClaim,
): KnownAccount {
  // crash point: account_found
  return {
    accountId: account.id,
    roles: account.roles,
    emailVerified: account.emailVerified,
    claims: async () => ({
      ...claimsOf(account, attributesOf, await roleGraph.current()),
      ...(act === undefined ? {} : { act }),
    }),
  };
}

/**
 * Every claim that this account could give; the engine picks those that scope, claims parameter and consent allow. `roles` are
 * those that the person has by any way, `permissions` what they allow, by resource server.
 */
export function claimsOf(account: Account, attributesOf: ReadAttributes, graph: RoleGraph): AccountClaims {
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
    roles: graph.closureOf(account.roles),
    permissions: Object.fromEntries(
      [...graph.permissionsOf(account.roles)].map(([resource, scopes]) => [resource, [...scopes].toSorted()]),
    ),
    updated_at: Math.floor(account.updatedAt.getTime() / 1000),
  };
}
