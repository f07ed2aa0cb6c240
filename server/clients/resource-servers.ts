/** An API that takes our access tokens (RFC 8707): its audience, and the scopes that it knows. */
export interface ResourceServer {
  /** The audience: an absolute URI without fragment (RFC 8707 2). */
  resource: string;
  name: string;
  /** Descriptions in plain words: they stand on the consent page. */
  scopes: readonly { name: string; description: string }[];
  accessTokenFormat: 'jwt' | 'opaque';
  /** Seconds. */
  accessTokenTtl: number;
  /** Ids of the clients that may ask for it; `*` is every client. */
  clients: readonly string[] | '*';
}

const lifetime = 600;

export const adminScopes = [
  { name: 'clients:read', description: 'See the apps that are registered here.' },
  { name: 'clients:write', description: 'Register, change and delete apps.' },
  { name: 'users:read', description: 'See people and their details.' },
  { name: 'users:write', description: 'Add, change and delete people.' },
  { name: 'roles:read', description: 'See roles and who has them.' },
  { name: 'roles:write', description: 'Change roles, and decide who has them.' },
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

/** The APIs of this server itself. */
export function builtInResourceServers(issuer: string): ResourceServer[] {
  return [
    {
      resource: adminAudience(issuer),
      name: 'Administration of this server',
      scopes: adminScopes,
      accessTokenFormat: 'jwt',
      accessTokenTtl: lifetime,
      clients: '*',
    },
    {
      resource: accountAudience(issuer),
      name: 'Your account on this server',
      scopes: accountScopes,
      accessTokenFormat: 'jwt',
      accessTokenTtl: lifetime,
      clients: '*',
    },
  ];
}

/** With every `x:write` its `x:read`: who may change something may see it. */
export function expandScopes(scopes: readonly string[]): Set<string> {
  return new Set(
    scopes.flatMap((scope) =>
      scope.endsWith(':write') ? [scope, scope.replace(/:write$/, ':read')] : [scope],
    ),
  );
}
