import type { Command } from 'commander';
import { parseDatabaseUrl } from '../database-url.ts';
import type { BackupDone, Carried, MoveDone, OnRows, OperatorBackups, RestoreDone } from './backup-ports.ts';
import type { CliContext } from './context.ts';
import { wholeNumber } from './options.ts';
import { count, makeProgress } from './progress.ts';
import { addSecretOptions, readSecret } from './secret-input.ts';
import { printJson, printLine, printNote, printTable, type Terminal } from './terminal.ts';

/** `backup`, `restore`, `move`. */
export function addBackupCommands(program: Command, context: CliContext): void {
  program
    .command('backup')
    .argument('<file>', 'where to; a file that is there is never replaced')
    .description(
      'write everything that the database holds at one moment into a file, also while the server runs',
    )
    .option('--without-secrets', 'leave out the secrets that the server has made for itself')
    .option(
      '--longest-pause <seconds>',
      'how long a server on the embedded database may have to wait for it',
      wholeNumber(1, 3600),
      10,
    )
    .option('--json', 'print JSON')
    .addHelpText('after', examples.backup)
    .action((file: string, options: BackupOptions) => backup(context, file, options));

  program
    .command('restore')
    .argument('<file>', 'a file that `gatehouse backup` has made')
    .description('put a backup into an empty data directory or database')
    .option('--end-sessions', 'end every session, grant and token that comes back')
    .option('--json', 'print JSON')
    .addHelpText('after', examples.restore)
    .action((file: string, options: RestoreOptions) => restore(context, file, options));

  const move = program
    .command('move')
    .description(
      'copy everything from the embedded database to PostgreSQL, and compare it; the server must be stopped',
    )
    .option(
      '--to <url>',
      'the PostgreSQL database, which must be empty; not with a password in it, see below',
    )
    .option('--json', 'print JSON')
    .addHelpText('after', examples.move);
  addSecretOptions(move, 'to', 'the URL of the PostgreSQL database').action((options: MoveOptions) => {
    if (options.to !== undefined && (options.toFile !== undefined || options.toStdin)) {
      move.error('error: give one of --to, --to-file and --to-stdin');
    }
    return moveTo(context, options, (why) => move.error(`error: the URL ${why}`));
  });
}

const examples = {
  backup: `
Examples:
  $ gatehouse backup /var/backups/gatehouse-$(date +%F).backup
  $ gatehouse backup --without-secrets gatehouse.backup

The file has mode 0600. The secrets that a server in evaluation mode makes for itself are in it: without them a backup is
worth nothing. Keys that are given by settings are never in it. docs/backup.md tells more.`,
  restore: `
Examples:
  $ GATEHOUSE_DATA_DIR=./restored gatehouse restore gatehouse.backup
  $ GATEHOUSE_DATABASE_URL_FILE=/etc/gatehouse/database-url gatehouse restore gatehouse.backup

All or nothing. A backup of an older version is brought to the schema of this one. Everything is as it was when the backup
was made: what was revoked or used since is accepted again. Use --end-sessions where that must not be.`,
  move: `
Examples:
  $ gatehouse move --to postgres://gatehouse@/gatehouse?host=/run/postgresql
  $ gatehouse move --to-file /etc/gatehouse/database-url
  $ GATEHOUSE_DATABASE_URL_FILE=/etc/gatehouse/database-url gatehouse move

Arguments are seen by every user of the machine and stay in the history of the shell: give a URL with a password by
--to-file, --to-stdin or the setting. Sessions, grants and tokens stay valid. All or nothing.`,
};

interface JsonOption {
  json?: true;
}

interface BackupOptions extends JsonOption {
  withoutSecrets?: true;
  longestPause: number;
}

interface RestoreOptions extends JsonOption {
  endSessions?: true;
}

interface MoveOptions extends JsonOption {
  to?: string;
  toFile?: string;
  toStdin?: true;
}

async function backup(context: CliContext, path: string, options: BackupOptions): Promise<void> {
  const { terminal, operator } = context;
  const done = await withProgress(context, 'reading', (backups, onRows) =>
    backups.backup({
      path,
      withSecrets: options.withoutSecrets !== true,
      longestPause: options.longestPause * 1000,
      by: operator,
      onRows,
    }),
  );
  if (options.json) return printJson(terminal, { file: path, ...done });
  printCarried(terminal, done);
  const size = (done.bytes / 1_000_000).toFixed(1);
  printLine(
    terminal,
    `Wrote ${path}: ${sum(done)}, ${size} MB; the schema has version ${done.schemaVersion}.`,
  );
  printNote(terminal, aboutSecrets[done.secrets]);
  if (done.pause !== undefined) {
    printNote(terminal, `The running server had to wait for ${(done.pause / 1000).toFixed(1)} seconds.`);
  }
}

const aboutSecrets: Readonly<Record<BackupDone['secrets'], string>> = {
  included:
    'The secrets of the server are in it: whoever reads it can act as this server. Keep it as you keep them.',
  'left out':
    'The secrets of the server are not in it, and without them it is worth nothing: keep a copy of secrets.json elsewhere.',
  settings:
    'The keys that the settings give are not in it, and without them it is worth nothing: keep a copy of them elsewhere.',
};

async function restore(context: CliContext, path: string, options: RestoreOptions): Promise<void> {
  const { terminal, operator } = context;
  const endSessions = options.endSessions === true;
  const done: RestoreDone = await withProgress(context, 'restoring', (backups, onRows) =>
    backups.restore({ path, endSessions, by: operator, onRows }),
  );
  if (options.json) return printJson(terminal, { file: path, ...done });
  printCarried(terminal, done);
  printLine(
    terminal,
    `Restored ${sum(done)} as of ${done.madeAt}; the schema has version ${done.schemaVersion}.`,
  );
  printLeftOut(terminal, done);
  printNote(
    terminal,
    endSessions
      ? 'Every session, grant and token has been ended: people and apps sign in again.'
      : 'Everything is as it was then: what was revoked or used since is accepted again until it expires. With --end-sessions it is not.',
  );
}

async function moveTo(
  context: CliContext,
  options: MoveOptions,
  refuse: (why: string) => never,
): Promise<void> {
  const { terminal, operator } = context;
  const to = options.to ?? (await readSecret(terminal, 'to', { ...options }));
  const parsed = to === undefined ? undefined : parseDatabaseUrl(to);
  if (parsed?.kind === 'refused') return refuse(parsed.why);
  if (options.to !== undefined && parsed?.address.password !== undefined) {
    printNote(
      terminal,
      'The password in --to can be seen by every user of this machine while this runs, and stays in the history of the shell. Use --to-file the next time.',
    );
  }
  const done: MoveDone = await withProgress(context, 'moving', (backups, onRows) =>
    backups.move({ to, by: operator, onRows }),
  );
  if (options.json) return printJson(terminal, done);
  printCarried(terminal, done);
  printLine(
    terminal,
    `Moved ${sum(done)} to ${done.to} and compared them; the schema has version ${done.schemaVersion}.`,
  );
  printLeftOut(terminal, done);
  for (const line of nextSteps(done)) printLine(terminal, line);
}

function nextSteps({ from, secrets }: MoveDone): string[] {
  const settings = [
    '',
    'Start the server with its settings as before, and with',
    '  GATEHOUSE_DATABASE_URL (or GATEHOUSE_DATABASE_URL_FILE)  that database',
  ];
  const kept =
    secrets === undefined
      ? []
      : [
          `  GATEHOUSE_DATA_DIR  ${from}, as long as its secrets are to come from ${secrets}`,
          'In production they come from settings; this writes them into files and names the settings:',
          '  gatehouse secrets export DIRECTORY',
        ];
  return [
    ...settings,
    ...kept,
    `The old database in ${from} stays as it is; no server starts on it any more.`,
  ];
}

async function withProgress<Done>(
  context: CliContext,
  verb: string,
  work: (backups: OperatorBackups, onRows: OnRows) => Promise<Done>,
): Promise<Done> {
  const progress = makeProgress(context.terminal, verb);
  try {
    return await work(await context.openBackups(), progress.onRows);
  } finally {
    progress.end();
  }
}

function printCarried(terminal: Terminal, { tables }: Carried): void {
  const rows = Object.entries(tables).map(([name, rows]) => [name, rows.toLocaleString('en-US')]);
  printTable(terminal, ['TABLE', 'ROWS'], rows);
  printLine(terminal, '');
}

function sum({ tables }: Carried): string {
  const rows = Object.values(tables).reduce((total, rows) => total + rows, 0);
  return `${count(Object.keys(tables).length, 'table')}, ${count(rows, 'row')}`;
}

function printLeftOut(terminal: Terminal, { leftOut }: RestoreDone | MoveDone): void {
  if (leftOut.length > 0)
    printNote(terminal, `Left out, for they are not Gatehouse's: ${leftOut.join(', ')}.`);
}
