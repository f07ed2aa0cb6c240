import { type Command, Option } from 'commander';
import type { CliContext } from './context.ts';
import { parseMetadata } from './metadata-file.ts';
import { addListOptions, type ListOptions, several } from './options.ts';
import type { Document } from './ports.ts';
import { refused } from './refusal.ts';
import { addSecretOptions, readSecret } from './secret-input.ts';
import { printJson, printLine, printNote, printPage, printPairs, readText } from './terminal.ts';

/** `client create|list|show|delete`. */
export function addClientCommands(program: Command, context: CliContext): void {
  const client = program.command('client').description('clients: the apps and services that use this server');

  const create = client
    .command('create')
    .description('register a client; its secret, if it has one, is shown once')
    .option('--id <client_id>', 'its client_id (made up if left out)')
    .option('--name <name>', 'the name that people see')
    .addOption(
      new Option('--type <type>', 'what it is; decides how it proves itself and which grants it uses')
        .choices(Object.keys(metadataOfType))
        .default('web'),
    )
    .option('--redirect-uri <uri>', 'where sign-ins end; may be given several times', several)
    .option('--post-logout-redirect-uri <uri>', 'where sign-outs end; may be given several times', several)
    .option('--scope <scopes>', 'the scopes that it may ask for, in one argument')
    .option('--skip-consent', 'never ask people for their consent: for apps of your own')
    .option('--metadata-file <path>', 'more metadata of RFC 7591 as a JSON object ("-" is standard input)')
    .option('--json', 'print JSON');
  addSecretOptions(create, 'secret', 'a secret of your own').action((options: CreateOptions) => {
    if (options.metadataFile === '-' && options.secretStdin) {
      create.error('error: metadata and secret cannot both be read from standard input');
    }
    return createClient(context, options);
  });

  addListOptions(client.command('list'), 'client_id or name')
    .description('list the clients')
    .action((options: ListOptions) => listClients(context, options));

  client
    .command('show')
    .argument('<client_id>')
    .description('show one client')
    .option('--json', 'print JSON')
    .action((id: string, { json }: { json?: true }) => showClient(context, id, json === true));

  client
    .command('delete')
    .argument('<client_id>')
    .description('delete a client with its secrets, grants and tokens')
    .option('--json', 'print JSON')
    .action((id: string, { json }: { json?: true }) => deleteClient(context, id, json === true));
}

/** RFC 7591 metadata by what a client is; everything else keeps the server's defaults. */
const metadataOfType: Readonly<Record<string, Record<string, unknown>>> = {
  web: {},
  spa: { token_endpoint_auth_method: 'none' },
  native: { application_type: 'native', token_endpoint_auth_method: 'none' },
  service: { grant_types: ['client_credentials'], response_types: [], redirect_uris: [] },
};

interface CreateOptions {
  id?: string;
  name?: string;
  type: string;
  redirectUri?: string[];
  postLogoutRedirectUri?: string[];
  scope?: string;
  skipConsent?: true;
  metadataFile?: string;
  secretStdin?: true;
  secretFile?: string;
  json?: true;
}

async function createClient(context: CliContext, options: CreateOptions): Promise<void> {
  const { terminal, operator } = context;
  const { metadataFile } = options;
  const given = metadataFile === undefined ? {} : parseMetadata(await readText(terminal, metadataFile));
  const body = { ...metadataOfType[options.type], ...given, ...metadataOfOptions(options) };
  const secret = await readSecret(terminal, 'secret', { ...options });
  const outcome = await context.withHouse((house) => house.clients.create({ body, secret, by: operator }));
  switch (outcome.kind) {
    case 'created':
      printClient(context, outcome.client, options.json === true);
      if ('client_secret' in outcome.client) printNote(terminal, 'The secret is shown this once.');
      return;
    case 'refused':
      throw refused('The client was not created.', outcome.fields);
    case 'client_id_taken':
      throw refused('A client with this client_id exists already. Nothing was changed.');
    default:
      outcome satisfies never;
  }
}

function metadataOfOptions(options: CreateOptions): Record<string, unknown> {
  const metadata = {
    client_id: options.id,
    client_name: options.name,
    redirect_uris: options.redirectUri,
    post_logout_redirect_uris: options.postLogoutRedirectUri,
    scope: options.scope,
    skip_consent: options.skipConsent,
  };
  return Object.fromEntries(Object.entries(metadata).filter(([, value]) => value !== undefined));
}

async function listClients(context: CliContext, { json, ...query }: ListOptions): Promise<void> {
  const page = await context.withHouse((house) => house.clients.list(query));
  printPage(context.terminal, page, json === true, {
    CLIENT_ID: 'client_id',
    NAME: 'client_name',
    GRANTS: 'grant_types',
    'REDIRECT URIS': 'redirect_uris',
  });
}

async function showClient(context: CliContext, id: string, json: boolean): Promise<void> {
  const client = await context.withHouse((house) => house.clients.find(id));
  if (client === undefined) throw refused('No such client.');
  printClient(context, client, json);
}

function printClient({ terminal }: CliContext, client: Document, json: boolean): void {
  if (json) printJson(terminal, client);
  else printPairs(terminal, Object.entries(client));
}

async function deleteClient(context: CliContext, id: string, json: boolean): Promise<void> {
  const { terminal, operator } = context;
  const outcome = await context.withHouse((house) => house.clients.delete({ id, by: operator }));
  switch (outcome.kind) {
    case 'deleted':
      if (json) return printJson(terminal, { client_id: id, deleted: true });
      return printLine(terminal, `Deleted ${id}.`);
    case 'missing':
      throw refused('No such client.');
    case 'built_in':
      throw refused('This client belongs to the server itself and cannot be deleted.');
    case 'stale':
      throw refused('The client was changed meanwhile. Try again.');
    default:
      outcome.kind satisfies never;
  }
}
