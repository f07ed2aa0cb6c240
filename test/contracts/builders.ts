import { randomBytes } from 'node:crypto';
import type { Account } from '../../server/accounts/account.ts';
import type { AttemptRequest } from '../../server/authn/lockout/attempt-store.ts';
import type { Client } from '../../server/clients/client.ts';
import { type ClientMetadata, parseClientMetadata } from '../../server/clients/metadata.ts';
import type { ResourceServer } from '../../server/clients/resource-servers.ts';
import type { Role } from '../../server/clients/roles/role.ts';

/** A word that no other test uses. */
export function aWord(): string {
  return `w${randomBytes(6).toString('hex')}`;
}

/** Times of the tests: whole milliseconds, a day that nothing else depends on. */
export const someTime = new Date('2031-03-04T05:06:07.089Z');

/** Limits of failed sign-ins, small ones, as the settings have them. */
export const someLockout = {
  softAfter: 5,
  longestDelay: 900,
  hardAfter: 20,
  window: 600,
  perNetwork: 40,
  accountsPerNetwork: 30,
  everywhere: 100_000,
};

export function anAccount(overrides: Partial<Account> = {}): Account {
  const word = aWord();
  return {
    id: word,
    email: `${word}@example.com`,
    emailVerified: false,
    username: null,
    profile: {},
    roles: [],
    status: 'active',
    createdAt: someTime,
    updatedAt: someTime,
    version: 1,
    ...overrides,
  };
}

/** An attempt to sign in, by name or to an account; each from a network of its own. */
export function anAttempt(
  who: { name: string } | { accountId: string },
  overrides: Partial<AttemptRequest> = {},
): AttemptRequest {
  return {
    id: aWord(),
    target:
      'name' in who
        ? { kind: 'login_name', name: who.name, unknown: 1 }
        : { kind: 'account', accountId: who.accountId },
    devices: [],
    network: aWord(),
    now: someTime,
    ...overrides,
  };
}

export function aClient(overrides: Partial<Client> = {}): Client {
  const word = aWord();
  return {
    id: word,
    metadata: someMetadata({
      client_name: `App ${word}`,
      redirect_uris: [`https://${word}.example/callback`],
    }),
    builtIn: false,
    createdAt: someTime,
    updatedAt: someTime,
    version: 1,
    ...overrides,
  };
}

export function aResourceServer(overrides: Partial<ResourceServer> = {}): ResourceServer {
  const word = aWord();
  return {
    id: word,
    resource: `https://${word.toLowerCase()}.example/api`,
    name: `API ${word}`,
    scopes: [{ name: 'read', description: 'Read', restricted: false }],
    accessTokenFormat: 'jwt',
    accessTokenTtl: 600,
    clients: '*',
    scopePolicy: 'narrow',
    builtIn: false,
    createdAt: someTime,
    updatedAt: someTime,
    version: 1,
    ...overrides,
  };
}

/** Complete metadata out of what a test cares for. */
function someMetadata(given: Partial<ClientMetadata>): ClientMetadata {
  const outcome = parseClientMetadata(given);
  if (outcome.kind === 'refused') throw new Error(JSON.stringify(outcome.fields));
  return outcome.metadata;
}

export function aRole(overrides: Partial<Role> = {}): Role {
  return {
    name: aWord(),
    description: 'Made for a test.',
    permissions: [],
    roles: [],
    builtIn: false,
    createdAt: someTime,
    updatedAt: someTime,
    version: 1,
    ...overrides,
  };
}
