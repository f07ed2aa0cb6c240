import { randomBytes } from 'node:crypto';
import type { Command } from 'commander';
import { entries } from '../config/catalogue.ts';
import { keyList } from '../config/kinds.ts';
import { prefix } from '../config/setting.ts';
import type { CliContext } from './context.ts';
import { printJson, printLine, printNote } from './terminal.ts';

/** `secrets generate`. */
export function addSecretsCommands(program: Command, context: CliContext): void {
  program
    .command('secrets')
    .description('make secrets')
    .command('generate')
    .description('make every secret that a production server demands, as lines for its environment')
    .option('--json', 'print JSON')
    .action(({ json }: { json?: true }) => generate(context, json === true));
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
