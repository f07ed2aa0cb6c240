import type { Command } from 'commander';
import type { CliContext } from './context.ts';
import { addListOptions, type ListOptions, several } from './options.ts';
import type { Document } from './ports.ts';
import { refused } from './refusal.ts';
import { addSecretOptions, readSecret } from './secret-input.ts';
import { printJson, printLine, printPage, printPairs } from './terminal.ts';

/** `user create|invite|list|show|unlock`. */
export function addUserCommands(program: Command, context: CliContext): void {
  const user = program.command('user').description('users: the people who sign in');

  const create = user
    .command('create')
    .description('create a user')
    .option('--email <address>', 'e-mail address, by which they sign in')
    .option('--email-verified', 'the address is known to be theirs')
    .option('--username <name>', 'user name, by which they sign in too')
    .option('--name <name>', 'full name')
    .option('--given-name <name>', 'given name')
    .option('--family-name <name>', 'family name')
    .option('--role <role>', 'a role; may be given several times', several)
    .option('--password-permanent', 'the password may be kept, although somebody else knows it')
    .option('--password-temporary', 'the password works for a limited time, and only to choose another one')
    .option('--json', 'print JSON');
  addSecretOptions(create, 'password', 'the password').action((options: CreateOptions) =>
    createUser(context, options),
  );

  user
    .command('invite')
    .description('send somebody a link by which they make their account; it works once, for 24 hours')
    .requiredOption('--email <address>', 'where the link goes, and the address of the account')
    .option('--role <role>', 'a role that the account gets; may be given several times', several)
    .option('--client <id>', 'the client that the person goes on to')
    .option('--json', 'print JSON')
    .action((options: InviteOptions) => inviteUser(context, options));

  addListOptions(user.command('list'), 'e-mail address, user name or name')
    .description('list the users')
    .action((options: ListOptions) => listUsers(context, options));

  user
    .command('show')
    .argument('<user>', 'sub, e-mail address or user name')
    .description('show one user')
    .option('--json', 'print JSON')
    .action((name: string, { json }: { json?: true }) => showUser(context, name, json === true));

  user
    .command('unlock')
    .argument('<user>', 'sub, e-mail address or user name')
    .description('let a user try again at once after failed sign-ins')
    .action((name: string) => unlockUser(context, name));
}

interface InviteOptions {
  email: string;
  role?: string[];
  client?: string;
  json?: true;
}

interface CreateOptions {
  email?: string;
  emailVerified?: true;
  username?: string;
  name?: string;
  givenName?: string;
  familyName?: string;
  role?: string[];
  passwordPermanent?: true;
  passwordTemporary?: true;
  json?: true;
}

async function createUser(context: CliContext, options: CreateOptions): Promise<void> {
  const { terminal, operator } = context;
  const password = await readSecret(terminal, 'password', { ...options });
  const body = { ...bodyOfOptions(options), ...(password === undefined ? {} : { password }) };
  const outcome = await context.withHouse((house) => house.users.create({ body, by: operator }));
  switch (outcome.kind) {
    case 'created':
      return printUser(context, outcome.user, options.json === true);
    case 'refused':
      throw refused('The user was not created.', outcome.fields);
    case 'login_name_taken':
      throw refused('Another user has this e-mail address or user name. Nothing was changed.');
    default:
      outcome satisfies never;
  }
}

async function inviteUser(context: CliContext, { email, role, client, json }: InviteOptions): Promise<void> {
  const body = {
    email,
    ...(role === undefined ? {} : { roles: role }),
    ...(client === undefined ? {} : { client_id: client }),
  };
  const outcome = await context.withHouse((house) => house.users.invite({ body, by: context.operator }));
  switch (outcome.kind) {
    case 'invited':
      return printUser(context, outcome.invitation, json === true);
    case 'refused':
      throw refused('Nobody was invited.', outcome.fields);
    case 'login_name_taken':
      throw refused('Another user has this e-mail address. Nobody was invited.');
    case 'closed':
      throw refused('Sign-up is closed on this server (GATEHOUSE_SIGN_UP). Nobody was invited.');
    default:
      outcome satisfies never;
  }
}

function bodyOfOptions(options: CreateOptions): Record<string, unknown> {
  const body = {
    email: options.email,
    email_verified: options.emailVerified,
    preferred_username: options.username,
    name: options.name,
    given_name: options.givenName,
    family_name: options.familyName,
    roles: options.role,
    password_temporary: options.passwordTemporary ?? (options.passwordPermanent && false),
  };
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
}

async function listUsers(context: CliContext, { json, ...query }: ListOptions): Promise<void> {
  const page = await context.withHouse((house) => house.users.list(query));
  printPage(context.terminal, page, json === true, {
    SUB: 'sub',
    'E-MAIL': 'email',
    'USER NAME': 'preferred_username',
    STATUS: 'status',
    ROLES: 'roles',
    NAME: 'name',
  });
}

async function showUser(context: CliContext, name: string, json: boolean): Promise<void> {
  const user = await context.withHouse((house) => house.users.find(name));
  if (user === undefined) throw refused('No such user.');
  printUser(context, user, json);
}

async function unlockUser(context: CliContext, name: string): Promise<void> {
  const { kind } = await context.withHouse((house) => house.users.unlock({ name, by: context.operator }));
  if (kind === 'missing') throw refused('No such user. Nothing was changed.');
  printLine(context.terminal, 'Unlocked: all devices of this user may try again.');
}

function printUser({ terminal }: CliContext, user: Document, json: boolean): void {
  if (json) printJson(terminal, user);
  else printPairs(terminal, Object.entries(user));
}
