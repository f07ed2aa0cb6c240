import type { Command } from 'commander';
import type { CliContext } from './context.ts';
import { wholeNumber } from './options.ts';
import { printJson, printLine, printTable } from './terminal.ts';

/** `migrate`, `migrate up`, `migrate down --to N`, `migrate status`. */
export function addMigrateCommands(program: Command, context: CliContext): void {
  const migrate = program
    .command('migrate')
    .description('bring the schema of the database to the newest version (the same as "migrate up")')
    .option('--json', 'print JSON')
    .action((options) => up(context, options));

  migrate
    .command('up')
    .description('bring the schema of the database to the newest version')
    .option('--json', 'print JSON')
    .action((options) => up(context, options));

  migrate
    .command('status')
    .description('show which migrations the database has')
    .option('--json', 'print JSON')
    .action((options) => status(context, options));

  migrate
    .command('down')
    .description('undo migrations, newest first; the data in what they made is lost')
    .requiredOption(
      '--to <number>',
      'the migration that shall be the newest one, 0 for an empty database',
      wholeNumber(0, 9999),
    )
    .option('--json', 'print JSON')
    .action((options) => down(context, options));
}

interface JsonOption {
  json?: true;
}

async function up(context: CliContext, { json }: JsonOption): Promise<void> {
  const { applied, current } = await context.withAnySchema(async ({ migrations }) => {
    const applied = await migrations.up(context.operator);
    return { applied, current: (await migrations.status()).current };
  });
  if (json) return printJson(context.terminal, { applied, current });
  const what = applied.length === 0 ? 'Nothing to do' : `Applied ${applied.join(', ')}`;
  printLine(context.terminal, `${what}; the schema has version ${current}.`);
}

async function down(context: CliContext, { json, to }: JsonOption & { to: number }): Promise<void> {
  const { undone, current } = await context.withAnySchema(async ({ migrations }) => {
    const undone = await migrations.down(to, context.operator);
    return { undone, current: (await migrations.status()).current };
  });
  if (json) return printJson(context.terminal, { undone, current });
  const what = undone.length === 0 ? 'Nothing to do' : `Undid ${undone.join(', ')}`;
  printLine(context.terminal, `${what}; the schema has version ${current}.`);
}

async function status(context: CliContext, { json }: JsonOption): Promise<void> {
  const found = await context.withAnySchema(({ migrations }) => migrations.status());
  if (json) return printJson(context.terminal, found);
  printTable(
    context.terminal,
    ['NUMBER', 'NAME', 'APPLIED'],
    found.migrations.map(({ number, name, appliedAt }) => [
      String(number).padStart(4, '0'),
      name,
      appliedAt?.toISOString() ?? 'not yet',
    ]),
  );
}
