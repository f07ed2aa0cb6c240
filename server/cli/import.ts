import { type Command, InvalidArgumentError, Option } from 'commander';
import type { CliContext } from './context.ts';
import { type ImportCounts, type ImportInput, userFormats } from './ports.ts';
import { count, makePace } from './progress.ts';
import { refused } from './refusal.ts';
import { printJson, printLine, printNote, readText, type Terminal } from './terminal.ts';

/** `import users`; returns `import`, which others add to. */
export function addImportCommands(program: Command, context: CliContext): Command {
  const group = program
    .command('import')
    .description('take over people from other systems, or everything of another server');
  group
    .command('users')
    .argument('<file>', 'what the other system has exported; "-" is standard input')
    .description('import people with their passwords as another system has hashed them')
    .addOption(
      new Option('--format <format>', 'where the file comes from').choices(userFormats).makeOptionMandatory(),
    )
    .option('--dry-run', 'tell what would happen, and write nothing')
    .option('--report <path>', 'list every refused row in this file, with the reason, as JSON lines')
    .addOption(
      new Option('--on-conflict <what>', 'what to do with somebody whose login name or id is there already')
        .choices(['skip', 'refuse'])
        .default('refuse'),
    )
    .option('--keep-ids', 'let people keep the id that they have there as their sub')
    .option('--again', 'import a file once more that was imported before')
    .option('--column <field=column>', 'which column of a table is which field; several times', columns, {})
    .option('--delimiter <character>', 'what stands between the columns of a table', delimiter, ',')
    .option('--firebase-parameters-file <path>', 'the password hash parameters of the Firebase project')
    .option('--json', 'print JSON')
    .addHelpText('after', example)
    .action((file: string, options: ImportOptions) => importUsers(context, file, options));
  return group;
}

const example = `
Examples:
  $ gatehouse import users --format keycloak --dry-run --report refused.jsonl realm-export.json
  $ gatehouse import users --format csv --column email=Mail --on-conflict skip people.csv
  $ gatehouse import users --format firebase --firebase-parameters-file parameters.txt users.json
  $ htpasswd -nB ada | gatehouse import users --format htpasswd -

Beside a running server, too. An import that was interrupted goes on where it stood when it is run again with the same
file. Whoever is imported signs in with the password that they have; docs/moving-in.md tells how to move from each system.
Exit code 1 when any row was refused.`;

interface ImportOptions {
  format: ImportInput['format'];
  dryRun?: true;
  report?: string;
  onConflict: 'skip' | 'refuse';
  keepIds?: true;
  again?: true;
  column: Record<string, string>;
  delimiter: string;
  firebaseParametersFile?: string;
  json?: true;
}

function columns(text: string, before: Record<string, string>): Record<string, string> {
  const [, field, column] = /^([a-z_]+)=(.+)$/s.exec(text) ?? [];
  if (field === undefined || column === undefined) throw new InvalidArgumentError('Write FIELD=COLUMN.');
  return { ...before, [field]: column };
}

function delimiter(text: string): string {
  const character = text === '\\t' ? '\t' : text;
  if (character.length === 1 && !/["\r\n]/.test(character)) return character;
  throw new InvalidArgumentError('Give one character, or \\t.');
}

async function importUsers(context: CliContext, path: string, options: ImportOptions): Promise<void> {
  const { terminal, operator } = context;
  const { firebaseParametersFile: parameters } = options;
  const firebaseParameters = parameters === undefined ? undefined : await readText(terminal, parameters);
  const dryRun = options.dryRun === true;
  const pace = makePace(terminal, dryRun ? 'looking at' : 'importing');
  const input: ImportInput = {
    format: options.format,
    path,
    standardInput: terminal.in,
    columns: options.column,
    delimiter: options.delimiter,
    firebaseParameters,
    onConflict: options.onConflict,
    dryRun,
    keepIds: options.keepIds === true,
    again: options.again === true,
    report: options.report,
    by: operator,
    onProgress: pace.onProgress,
  };
  const done = await context.withHouse(({ imports }) => imports.users(input)).finally(() => pace.end());
  if (done.kind === 'under_way')
    throw refused('Another run of this import is under way, and goes on. Nothing was changed by this one.');
  if (options.json) printJson(terminal, { file: path, dryRun, ...done });
  else printCounts(terminal, done, dryRun && done.kind === 'imported');
  if (done.kind === 'finished_before') {
    const when = done.finishedAt?.toISOString() ?? 'before';
    printNote(
      terminal,
      `This file was imported already (${when}). Nothing was changed; --again does it once more.`,
    );
    return;
  }
  if (done.resumedAt > 0)
    printNote(terminal, `It went on behind row ${done.resumedAt.toLocaleString('en-US')}.`);
  if (done.refused > 0) throw refused(aboutRefused(done, options));
}

function printCounts(terminal: Terminal, done: ImportCounts, dryRun: boolean): void {
  const verb = dryRun ? 'Would import' : 'Imported';
  printLine(
    terminal,
    `${verb} ${count(done.imported, 'user')} of ${count(done.rows, 'row')}; skipped ${done.skipped.toLocaleString('en-US')}, refused ${done.refused.toLocaleString('en-US')}.`,
  );
  if (done.mustReset > 0)
    printNote(
      terminal,
      `${count(done.mustReset, 'user')} must set a new password by mail at the first sign-in: GATEHOUSE_IMPORT_WEAK_HASHES.`,
    );
}

function aboutRefused({ refused: rows }: ImportCounts, { report }: ImportOptions): string {
  const where = report === undefined ? 'Run it with --report FILE to see why.' : `${report} says why.`;
  return `${count(rows, 'row')} refused. ${where}`;
}
