import type { Command } from 'commander';
import type { Mode } from '../config/issuer.ts';
import { type PrintedSection, printConfiguration } from '../config/print.ts';
import type { CliContext } from './context.ts';
import { printJson, printLine, printTable } from './terminal.ts';

/** `config print`, `config check`. */
export function addConfigCommands(program: Command, context: CliContext): void {
  const config = program.command('config').description('look at the settings of this environment');

  config
    .command('print')
    .description('show every setting, its value (never a secret) and where it comes from')
    .option('--json', 'print JSON')
    .action(({ json }: { json?: true }) => print(context, json === true));

  config
    .command('check')
    .description('tell whether a server would start with these settings; exit code 78 if not')
    .option('--json', 'print JSON')
    .action(({ json }: { json?: true }) => check(context, json === true));
}

function print(context: CliContext, json: boolean): void {
  const configuration = context.readConfiguration();
  const printed = printConfiguration(configuration);
  if (json) printJson(context.terminal, documentOf(configuration.mode, printed));
  else printTables(context, configuration.mode, printed);
}

function documentOf(mode: Mode, printed: PrintedSection[]) {
  const settings = printed.flatMap((section) => section.settings);
  return {
    mode,
    settings: Object.fromEntries(settings.map(({ name, value, source }) => [name, { value, source }])),
  };
}

function printTables({ terminal }: CliContext, mode: Mode, printed: PrintedSection[]): void {
  printLine(terminal, `mode: ${mode}`);
  for (const { title, settings } of printed) {
    printLine(terminal, '');
    printTable(
      terminal,
      [title.toUpperCase(), 'SOURCE', 'VALUE'],
      settings.map(({ name, value, source }) => [name, source, value ?? '']),
    );
  }
}

function check({ terminal, readConfiguration }: CliContext, json: boolean): void {
  const { mode, config } = readConfiguration();
  const { issuer } = config.site;
  if (json) printJson(terminal, { mode, issuer });
  else printLine(terminal, `No faults. Mode: ${mode}. Issuer: ${issuer}`);
}
