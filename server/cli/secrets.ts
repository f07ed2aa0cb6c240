import { randomBytes } from 'node:crypto';
import type { Command } from 'commander';
import { entries } from '../config/catalogue.ts';
import { keyList } from '../config/kinds.ts';
import { prefix } from '../config/setting.ts';
import type { CliContext } from './context.ts';
import { printJson, printLine, printNote } from './terminal.ts';

/** `secrets generate`, `secrets export`. */
export function addSecretsCommands(program: Command, context: CliContext): void {
  const secrets = program.command('secrets').description('make secrets, and take out those that were made');
  secrets
    .command('generate')
    .description('make every secret that a production server demands, as lines for its environment')
    .option('--json', 'print JSON')
    .action(({ json }: { json?: true }) => generate(context, json === true));

  secrets
    .command('export')
    .argument('<directory>', 'where to; files that are there are never replaced')
    .description(
      'write the secrets that a server has made for itself into files, as the _FILE settings want them',
    )
    .option('--json', 'print JSON')
    .action((directory: string, { json }: { json?: true }) => exportTo(context, directory, json === true));

  secrets
    .command('keypair')
    .argument('<file>', 'where to; a file that is there is never replaced')
    .description('make a key for `export --all` and `import all`, as the tool age has them')
    .option('--json', 'print JSON')
    .action((file: string, { json }: { json?: true }) => keypair(context, file, json === true));
}

async function keypair({ terminal, openBackups }: CliContext, file: string, json: boolean): Promise<void> {
  const publicKey = await (await openBackups()).makeKeypair(file);
  if (json) printJson(terminal, { file, publicKey });
  else printLine(terminal, publicKey);
  printNote(
    terminal,
    `${file} has both halves, and mode 0600. The public one, above, may be given away: it only encrypts.`,
  );
}

async function exportTo(
  { terminal, openBackups }: CliContext,
  directory: string,
  json: boolean,
): Promise<void> {
  const paths = (await openBackups()).exportSecrets(directory);
  const settings = {
    GATEHOUSE_ENCRYPTION_KEYS_FILE: paths.encryptionKeys,
    GATEHOUSE_COOKIE_KEYS_FILE: paths.cookieKeys,
    GATEHOUSE_PASSWORD_KEYS_FILE: paths.passwordKeys,
  };
  if (json) printJson(terminal, settings);
  else for (const [name, path] of Object.entries(settings)) printLine(terminal, `${name}=${path}`);
  printNote(terminal, 'Each has mode 0600 and belongs to this user; the server must be able to read it.');
}

function generate({ terminal }: CliContext, json: boolean): void {
  const made = entries
    .filter(({ setting }) => setting.schema === keyList)
    .map(({ setting }): [string, string] => [prefix + setting.env, randomBytes(32).toString('base64url')]);
  if (json) printJson(terminal, Object.fromEntries(made));
  else for (const [name, value] of made) printLine(terminal, `${name}=${value}`);
  printNote(
    terminal,
    'Keep these where only the server can read them, and apart from backups of its database.',
  );
}
