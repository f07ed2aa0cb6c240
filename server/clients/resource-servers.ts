/** What an app may be allowed to do at an API. */
export interface ResourceServerScope {
  /** A scope-token (RFC 6749 3.3). */
  name: string;
  /** Plain words: they stand on the consent page. May be empty. */
  description: string;
  /** Whether only holders of a role with it get it (docs/decisions/0022). */
  restricted: boolean;
}

/** An API that takes our access tokens (RFC 8707): its audience, and the scopes that it knows. */
export interface ResourceServer {
  /** Names it in URLs, where the resource would not fit. */
  id: string;
  /** The audience: an absolute URI without fragment (RFC 8707 2). It never changes. */
  resource: string;
  name: string;
  scopes: readonly ResourceServerScope[];
  accessTokenFormat: 'jwt' | 'opaque';
  /** Seconds. */
  accessTokenTtl: number;
  /** Ids of the clients that may ask for it; `*` is every client. */
  clients: readonly string[] | '*';
  /** What becomes of a scope that is asked for and may not be had: it is left out, or the request is refused. */
  scopePolicy: 'narrow' | 'refuse';
  /** One of this server's own, which nobody can change. */
  builtIn: boolean;
  createdAt: Date;
  updatedAt: Date;
  version: number;
}

/** Seconds for which an access token is good where nothing else is said. */
export const defaultTokenLifetime = 600;

export const adminScopes = [
  { name: 'clients:read', description: 'See the apps that are registered here.' },
  { name: 'clients:write', description: 'Register, change and delete apps.' },
  { name: 'users:read', description: 'See people and their details.' },
  { name: 'users:write', description: 'Add, change and delete people.' },
  { name: 'roles:read', description: 'See roles, who has them, and the APIs that they are for.' },
  {
    name: 'roles:write',
    description: 'Change roles and the APIs that they are for, and decide who has them.',
  },
  { name: 'users:impersonate', description: 'Act in the place of people, openly and for a time.' },
  { name: 'sessions:read', description: 'See who is signed in where, and what apps may do for them.' },
  { name: 'sessions:write', description: 'Sign people out and take back what apps may do.' },
  { name: 'keys:read', description: 'See the public parts of the signing keys.' },
  { name: 'keys:write', description: 'Replace signing keys.' },
  { name: 'audit:read', description: 'Read the audit log.' },
  { name: 'config:read', description: 'See settings, directories and deliveries.' },
  { name: 'config:write', description: 'Change settings and directories, and repeat deliveries.' },
] as const;

export type AdminScope = (typeof adminScopes)[number]['name'];

export const accountScopes = [
  { name: 'account:read', description: 'See your account, your sessions and your activity.' },
  { name: 'account:write', description: 'Change your profile.' },
  {
    name: 'account:security',
    description: 'Change how you sign in, end sessions, and delete your account.',
  },
] as const;

/** The audience of the admin API. */
export const adminAudience = (issuer: string): string => `${issuer}/api/admin`;

/** The audience of the account API. */
export const accountAudience = (issuer: string): string => `${issuer}/api/account`;

/** Of the APIs of this server itself. */
export const ownAudiences = (issuer: string) => ({
  admin: adminAudience(issuer),
  account: accountAudience(issuer),
});

/** The APIs of this server itself. Of the admin API nobody has a scope who was not given it by name. */
export function builtInResourceServers(issuer: string): ResourceServer[] {
  return [
    builtIn('admin-api', adminAudience(issuer), 'Administration of this server', adminScopes, true),
    builtIn('account-api', accountAudience(issuer), 'Your account on this server', accountScopes, false),
  ];
}

const always = new Date(0);

function builtIn(
  id: string,
  resource: string,
  name: string,
  scopes: readonly { name: string; description: string }[],
  restricted: boolean,
): ResourceServer {
  return {
    id,
    resource,
    name,
    scopes: scopes.map((scope) => ({ ...scope, restricted })),
    accessTokenFormat: 'jwt',
    accessTokenTtl: defaultTokenLifetime,
    clients: '*',
    scopePolicy: 'narrow',
    builtIn: true,
    createdAt: always,
    updatedAt: always,
    version: 1,
  };
}

/** With every `x:write` its `x:read`: who may change something may see it. */
export function expandScopes(scopes: readonly string[]): Set<string> {
  return new Set(
    scopes.flatMap((scope) =>
      scope.endsWith(':write') ? [scope, scope.replace(/:write$/, ':read')] : [scope],
    ),
  );
}
