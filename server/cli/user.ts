import type { Command } from 'commander';
import { type Account, foldLoginName } from '../accounts/account.ts';
import type { CliContext } from './context.ts';
import { addListOptions, type ListOptions, several } from './options.ts';
import { refused } from './refusal.ts';
import { addSecretOptions, readSecret } from './secret-input.ts';
import { printJson, printNote, printPairs, printTable } from './terminal.ts';

/** `user create|list|show`. */
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
    .option('--json', 'print JSON');
  addSecretOptions(create, 'password', 'the password').action((options: CreateOptions) =>
    createUser(context, options),
  );

  addListOptions(user.command('list'), 'e-mail address, user name or name')
    .description('list the users')
    .action((options: ListOptions) => listUsers(context, options));

  user
    .command('show')
    .argument('<user>', 'sub, e-mail address or user name')
    .description('show one user')
    .option('--json', 'print JSON')
    .action((name: string, { json }: { json?: true }) => showUser(context, name, json === true));
}

interface CreateOptions {
  email?: string;
  emailVerified?: true;
  username?: string;
  name?: string;
  givenName?: string;
  familyName?: string;
  role?: string[];
  json?: true;
}

async function createUser(context: CliContext, options: CreateOptions): Promise<void> {
  const { terminal, operator } = context;
  const password = await readSecret(terminal, 'password', { ...options });
  const outcome = await context.withHouse((house) =>
    house.accounts.create({
      email: options.email ?? null,
      emailVerified: options.emailVerified ?? false,
      username: options.username ?? null,
      profile: { name: options.name, given_name: options.givenName, family_name: options.familyName },
      roles: options.role ?? [],
      status: 'active',
      password,
      by: operator,
    }),
  );
  switch (outcome.kind) {
    case 'created':
      return printUser(context, outcome.account, options.json === true);
    case 'refused':
      throw refused('The user was not created.', outcome.fields);
    case 'login_name_taken':
      throw refused('Another user has this e-mail address or user name. Nothing was changed.');
    default:
      outcome satisfies never;
  }
}

async function listUsers(context: CliContext, { json, ...query }: ListOptions): Promise<void> {
  const { items, next } = await context.withHouse((house) => house.accounts.list(query));
  if (json) return printJson(context.terminal, { items: items.map(documentOf), next });
  printTable(
    context.terminal,
    ['SUB', 'E-MAIL', 'USER NAME', 'STATUS', 'ROLES', 'NAME'],
    items.map(({ id, email, username, status, roles, profile }) => [
      id,
      email ?? '',
      username ?? '',
      status,
      roles.join(' '),
      profile.name ?? '',
    ]),
  );
  if (next !== null) printNote(context.terminal, `More follow: --after ${next}`);
}

async function showUser(context: CliContext, name: string, json: boolean): Promise<void> {
  const account = await context.withHouse(
    async ({ accounts }) =>
      (await accounts.find(name)) ?? (await accounts.findByLoginName(foldLoginName(name))),
  );
  if (account === undefined) throw refused('No such user.');
  printUser(context, account, json);
}

function printUser({ terminal }: CliContext, account: Account, json: boolean): void {
  const document = documentOf(account);
  if (json) printJson(terminal, document);
  else printPairs(terminal, Object.entries(document));
}

/** In the claim names of OIDC Core 5.1, as the admin API has it. */
function documentOf({
  id,
  email,
  emailVerified,
  username,
  profile,
  roles,
  status,
  createdAt,
  updatedAt,
}: Account) {
  return {
    sub: id,
    ...(email === null ? {} : { email, email_verified: emailVerified }),
    ...(username === null ? {} : { preferred_username: username }),
    ...profile,
    roles,
    status,
    created_at: createdAt.toISOString(),
    updated_at: updatedAt.toISOString(),
  };
}
