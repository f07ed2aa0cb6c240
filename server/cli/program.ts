import { Command, CommanderError } from 'commander';
import { addAuditCommands } from './audit.ts';
import { addBackupCommands } from './backup.ts';
import { addClientCommands } from './client.ts';
import { addConfigCommands } from './config.ts';
import type { CliContext } from './context.ts';
import { addExportCommands } from './export.ts';
import { addImportCommands } from './import.ts';
import { addMailCommands } from './mail.ts';
import { addMigrateCommands } from './migrate.ts';
import { reportFailure } from './refusal.ts';
import { addSecretsCommands } from './secrets.ts';
import { addUserCommands } from './user.ts';

const footer = `
Settings are GATEHOUSE_* variables, as for the server: deploy/CONFIGURATION.md.
Exit codes: 0 done, 1 refused or failed, 2 wrong usage, 78 wrong configuration.`;

/** Runs one command line (without node and script) and returns the exit code. Throws nothing. */
export async function runCommandLine(args: readonly string[], context: CliContext): Promise<number> {
  const program = makeProgram(context);
  try {
    await program.parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    return reportFailure(context.terminal, error);
  }
}

function makeProgram(context: CliContext): Command {
  const { out, err } = context.terminal;
  const program = new Command('gatehouse')
    .description(
      'Operates a Gatehouse server: its schema, settings, secrets, clients, users, mail, audit log, imports and backups.',
    )
    .exitOverride()
    // `migrate up --json` is an option of `up`, though `migrate` has one of that name.
    .enablePositionalOptions()
    .configureOutput({ writeOut: (text) => out.write(text), writeErr: (text) => err.write(text) })
    .showHelpAfterError('(--help tells more)')
    .addHelpText('after', footer);
  addMigrateCommands(program, context);
  addConfigCommands(program, context);
  addSecretsCommands(program, context);
  addClientCommands(program, context);
  addUserCommands(program, context);
  const imports = addImportCommands(program, context);
  addExportCommands(program, imports, context);
  addMailCommands(program, context);
  addAuditCommands(program, context);
  addBackupCommands(program, context);
  return program;
}
