import { type Command, Option } from 'commander';
import type { ExportInput, OperatorExports } from './backup-ports.ts';
import type { CliContext } from './context.ts';
import { count, makeProgress } from './progress.ts';
import { printJson, printLine, printNote, printTable, readText, type Terminal } from './terminal.ts';

/** `export --all`; `import all` is added to the commands of `import`. */
export function addExportCommands(program: Command, imports: Command, context: CliContext): void {
  const command = program
    .command('export')
    .argument('<file>', 'where to; a file that is there is never replaced')
    .description('write people with their passwords, and clients, into an encrypted file for another server')
    .addOption(new Option('--all', 'everything that goes along').makeOptionMandatory());
  addKeyOption(command, 'the public key, or both halves, of whoever may read it')
    .addHelpText('after', examples.export)
    .action((file: string, options: KeyOptions) => exportAll(context, file, options));

  addKeyOption(imports.command('all'), 'the secret key that the file was encrypted for')
    .argument('<file>', 'a file that `gatehouse export --all` has made')
    .description('put people and clients of another server into this one, which must have none')
    .addHelpText('after', examples.import)
    .action((file: string, options: KeyOptions) => importAll(context, file, options));
}

const examples = {
  export: `
Examples:
  $ gatehouse secrets keypair export.key
  $ gatehouse export --all --key export.key people.age

The other server needs export.key to read the file. It is a file of the age tool, too: with only its public half (the line
that begins with age1) here, nobody here can read what was written. docs/moving-in.md tells more, and when a backup is better.`,
  import: `
Examples:
  $ GATEHOUSE_DATABASE_URL_FILE=/etc/gatehouse/database-url gatehouse import all --key export.key people.age

All or nothing. Everybody signs in as before, with the same sub; sessions and tokens stay with the server that gave them.`,
};

interface KeyOptions {
  key: string;
  json?: true;
}

function addKeyOption(command: Command, what: string): Command {
  return command.requiredOption('--key <path>', `a file with ${what}`).option('--json', 'print JSON');
}

async function exportAll(context: CliContext, path: string, options: KeyOptions): Promise<void> {
  const { terminal } = context;
  const done = await carry(context, 'writing', path, options, (exports, input) => exports.exportAll(input));
  if (options.json) return printJson(terminal, { file: path, ...done });
  printTables(terminal, done.tables);
  printLine(
    terminal,
    `Wrote ${path}: ${total(done.tables)}, ${(done.bytes / 1_000_000).toFixed(1)} MB, encrypted.`,
  );
  printNote(
    terminal,
    'It has what is needed to check every password in it: whoever has it and its key can guess at them.',
  );
}

async function importAll(context: CliContext, path: string, options: KeyOptions): Promise<void> {
  const { terminal } = context;
  const done = await carry(context, 'importing', path, options, (exports, input) => exports.importAll(input));
  if (options.json) return printJson(terminal, { file: path, ...done });
  printTables(terminal, done.tables);
  printLine(terminal, `Imported ${total(done.tables)} as of ${done.madeAt}.`);
}

async function carry<Done>(
  context: CliContext,
  verb: string,
  path: string,
  { key }: KeyOptions,
  work: (exports: OperatorExports, input: ExportInput) => Promise<Done>,
): Promise<Done> {
  const text = await readText(context.terminal, key);
  const progress = makeProgress(context.terminal, verb);
  const input = { path, key: text, by: context.operator, onRows: progress.onRows };
  try {
    return await work(await context.openBackups(), input);
  } finally {
    progress.end();
  }
}

function printTables(terminal: Terminal, tables: Readonly<Record<string, number>>): void {
  const rows = Object.entries(tables).map(([name, rows]) => [name, rows.toLocaleString('en-US')]);
  printTable(terminal, ['TABLE', 'ROWS'], rows);
  printLine(terminal, '');
}

function total(tables: Readonly<Record<string, number>>): string {
  return `${count(tables.account ?? 0, 'user')} and ${count(tables.client ?? 0, 'client')}`;
}
