/**
 * Who may import whom: the plan of the house, as data. A room is a folder, or a single file at the root of server/.
 *
 *   main, cli -> compose -> everything
 *   app -> http, given routers and provider
 *   interactions, server/{admin,account-api,oidc} -> server/http, domain
 *   domain -> kernel, and each other's types
 *   adapters -> types of the domain; never another adapter, never koa
 *   views, migrations, conformance -> nothing of ours
 */
export interface RoomRule {
  /** Rooms whose code may be used. A room may always use itself. */
  uses: readonly string[];
  /** Rooms of which only types may be used, on top of those. */
  knows: readonly string[];
}

export const kernel = [
  'server/clock.ts',
  'server/database-url.ts',
  'server/errors.ts',
  'server/field-faults.ts',
  'server/ids.ts',
  'server/list-order.ts',
  'server/log.ts',
  'server/merge-patch.ts',
  'server/redis-url.ts',
  'server/session-id.ts',
  'server/support-mark.ts',
  'server/transaction.ts',
];

export const domain = [
  'accounts',
  'audit',
  'authn',
  'backup',
  'changes',
  'clients',
  'directory',
  'keys',
  'outbox',
  'requests',
  'sessions',
  'settings',
].map((name) => `server/${name}`);

/** What turns requests into calls of the domain, and outcomes into answers. */
export const edges = ['interactions', 'server/account-api', 'server/admin', 'server/oidc'];

const entries = [
  'server/cli',
  'server/cli.ts',
  'server/compile-cache.js',
  'server/gatehouse.js',
  'server/main.ts',
  'server/compile-cache.d.ts',
  'server/node-version.d.ts',
  'server/node-version.js',
  'server/process',
  'server/start.js',
];

/** Anything, for the one room that puts everything together and for the tests. */
export const everything: RoomRule = { uses: ['*'], knows: ['*'] };
const alone: RoomRule = { uses: [], knows: [] };

/** The rules of all rooms but the adapters, of which each technology is its own room. */
export const rooms: Readonly<Record<string, RoomRule>> = {
  ...forEach(kernel, { uses: kernel, knows: [] }),
  ...forEach(domain, { uses: kernel, knows: domain }),
  ...forEach(edges, { uses: [...kernel, ...domain, 'server/http'], knows: edges }),
  // Process and command line are handed the house that compose has built; of what is in it they know the types.
  ...forEach(entries, {
    uses: [...entries, ...kernel, ...domain, 'server/compose', 'server/config', 'server/http'],
    knows: ['adapters'],
  }),
  'server/http': { uses: kernel, knows: [...domain, 'views'] },
  'server/config': { uses: kernel, knows: domain },
  'server/app.ts': { uses: ['server/http', ...kernel], knows: edges },
  'server/compose': everything,
  adapters: { uses: kernel, knows: domain },
  views: alone,
  migrations: alone,
  conformance: alone,
  deploy: alone,
  test: everything,
};

/**
 * Rules of the domain that others must not write a second time. Each such file is pure: it uses the kernel and other
 * files of this list only, and so may be used by every room of the server and by adapters.
 */
export const sharedRules: Readonly<Record<string, string>> = {
  'server/accounts/account.ts':
    'how login names are folded: what is stored must be folded as what is looked up',
  'server/accounts/issue-link.ts':
    'how a link of a mail is made, kept and spelled: for accounts and for passwords',
  'server/accounts/look-at-link.ts':
    'why a link does nothing: whatever a link is for, it is said in the same way',
  'server/accounts/login-name-rules.ts': 'what an address is: settings, pages and mail must not differ in it',
  'server/accounts/names/skeleton.ts':
    'what a user name looks like: what is stored must look as what is compared',
  'server/accounts/sign-up/policy.ts':
    'who may sign up: settings, metadata of clients and pages must agree on it',
  'server/clients/secret.ts':
    'when a secret is over: what the store gives out as live must be what the comparison takes',
  'server/audit/chain/canonical.ts':
    'how what is sealed is spelled: when it is written and when it is verified',
  'server/audit/chain/sealed-event.ts': 'what of a row is sealed: when it is written and when it is verified',
  'server/clients/refusals/kinds.ts':
    'why clients are refused: the manual is written from what the server says',
  'server/clients/refusals/kinds-of-authentication.ts': 'a part of kinds.ts',
  'server/clients/refusals/kinds-of-requests.ts': 'a part of kinds.ts',
  'server/clients/refusals/kinds-of-tokens.ts': 'a part of kinds.ts',
  'server/audit/change.ts': 'which fields a change names in its audit event',
  'server/accounts/one-time-link.ts':
    'what becomes of a link, and how its token is stored: all links are alike in it',
  'server/outbox/mail.ts': 'how a mailer says that a mail will never be taken',
  'server/outbox/mail-allowance.ts': 'what is counted where strangers cause mail',
  'server/authn/password-hasher.ts': 'the bound on passwords, which rules and hasher must share',
  'server/authn/password-rules.ts': 'what a password must be, wherever one is set',
  'server/keys/key-list.ts': 'how lists of keys are written, in settings and in files',
  'server/sessions/consent.ts': 'what two consents are together: the store must merge as the page shows it',
};

/** Packages that belong to some rooms only. What is not named here may be used by any room. */
export const packageRooms: readonly { packages: RegExp; rooms: readonly string[] }[] = [
  {
    packages: /^(?:knex|pg|redis|ldapts|nodemailer|winston|@node-rs\/argon2|@electric-sql\/.*)$/,
    rooms: ['adapters'],
  },
  {
    packages: /^(?:koa|koa-.*|@koa\/.*)$/,
    rooms: ['server/app.ts', 'server/http', 'server/compose', ...edges],
  },
  {
    packages: /^oidc-provider$/,
    rooms: ['server/oidc', 'interactions', 'server/compose', 'adapters/postgres', 'adapters/redis'],
  },
];

/** The rule for a room; adapters/postgres has that of adapters. Undefined for a room that the house does not have. */
export function ruleOf(room: string): RoomRule | undefined {
  return rooms[room] ?? (room.startsWith('adapters/') ? rooms.adapters : undefined);
}

/** The room that a file is in: `server/accounts`, `server/errors.ts`, `adapters/postgres`, `interactions`. */
export function roomOf(path: string): string {
  const [top = '', second = ''] = path.split('/');
  return top === 'server' || top === 'adapters' ? `${top}/${second}` : top;
}

function forEach(names: readonly string[], rule: RoomRule): Record<string, RoomRule> {
  return Object.fromEntries(names.map((name) => [name, rule]));
}
