import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import type { Finding } from '../audit/chain/findings.ts';
import type { AuditReport } from '../audit/chain/verify.ts';
import { StartError, systemCodeOf } from '../errors.ts';
import { addAuditExportCommand } from './audit-export.ts';
import type { CliContext } from './context.ts';
import { several } from './options.ts';
import { count, makePace } from './progress.ts';
import { refused } from './refusal.ts';
import { printJson, printLine, printNote, printTable, type Terminal } from './terminal.ts';

/** `audit verify`, `audit checkpoint`, `audit export`. */
export function addAuditCommands(program: Command, context: CliContext): void {
  const audit = program.command('audit').description('the audit log: whether it is as it was written');
  audit
    .command('verify')
    .option(
      '--checkpoint <file>',
      'a checkpoint that was kept elsewhere; may be given several times',
      several,
    )
    .option('--json', 'print JSON')
    .description(
      'read the whole audit log and tell what was changed, deleted or put in; exit code 1 if anything was',
    )
    .addHelpText('after', verifyExamples)
    .action((options: VerifyOptions) => verify(context, options));

  audit
    .command('checkpoint')
    .option('--json', 'print JSON, with the key by which others can check it')
    .description('sign where the audit log ends now, to be kept where nobody of this server can write')
    .action((options: { json?: true }) => checkpoint(context, options));
  addAuditExportCommand(audit, context);
}

const verifyExamples = `
Examples:
  $ gatehouse audit verify
  $ gatehouse audit verify --checkpoint /mnt/elsewhere/2026-11.checkpoint --json

Works beside a running server and changes nothing. docs/audit.md tells what it finds, and what it cannot.`;

interface VerifyOptions {
  checkpoint?: string[];
  json?: true;
}

async function verify(context: CliContext, options: VerifyOptions): Promise<void> {
  const { terminal } = context;
  const checkpoints = await Promise.all((options.checkpoint ?? []).map(readCheckpointFile));
  const pace = makePace(terminal, 'verifying');
  const report = await context
    .withHouse((house) =>
      house.audit.verify({
        checkpoints,
        onProgress: ({ links, of }) => pace.onProgress({ rows: links, bytes: links, size: of }),
      }),
    )
    .finally(pace.end);
  const isIntact = report.found === 0;
  if (options.json) printJson(terminal, { intact: isIntact, ...report });
  else printReport(terminal, report);
  if (!isIntact) throw refused('The audit log is not as it was written.');
}

function printReport(terminal: Terminal, { links, last, findings, found, waiting }: AuditReport): void {
  if (findings.length > 0) {
    const rows = findings.map((finding) => [
      placeOf(finding),
      finding.kind,
      finding.eventId ?? '',
      about(finding),
    ]);
    printTable(terminal, ['SEQUENCE', 'WHAT', 'EVENT', 'THAT IS'], rows);
    if (found > findings.length)
      printLine(terminal, `and ${(found - findings.length).toLocaleString('en-US')} more`);
    printLine(terminal, '');
  }
  printLine(
    terminal,
    `Checked ${count(links, 'row')} up to sequence ${last}: ${found === 0 ? 'intact' : `${count(found, 'finding')}`}.`,
  );
  if (waiting.events > 0) {
    const seconds = waiting.seconds.toFixed(1);
    printNote(
      terminal,
      `${count(waiting.events, 'row')} not chained yet; the oldest has waited for ${seconds} seconds.`,
    );
  }
}

function placeOf({ sequence, until }: Finding): string {
  if (sequence === null) return '-';
  return until === undefined || until === sequence ? String(sequence) : `${sequence}-${until}`;
}

function about({ kind, other }: Finding): string {
  return words[kind].replace('OTHER', String(other ?? ''));
}

const words: Readonly<Record<Finding['kind'], string>> = {
  changed: 'the row says something else than when it was written',
  deleted: 'the row is gone',
  swapped: 'the row has the contents of OTHER',
  inserted: 'a row that this server has not written; came after OTHER',
  copied: 'the row is a copy of OTHER',
  unlinked: 'the place of the row was taken away; came after OTHER',
  missing: 'places are gone, with or without their rows',
  link_changed: 'the place was changed: its number, hash, time or row',
  appended: 'a place beyond the end',
  head_changed: 'the note of where the chain ends was changed',
  cut_off: 'the beginning is gone, and no signed note says so',
  truncated: 'a checkpoint has seen this place, and the chain ends before it',
  rewritten: 'a checkpoint has seen another chain here',
  checkpoint_missing: 'a checkpoint is gone',
  checkpoint_forged: 'a checkpoint is not signed by this server',
  personal_removed: 'addresses and values were removed, and no deletion of the person is in the log',
  unknown_key: 'made with an encryption key that is not in the settings',
};

async function checkpoint({ terminal, withHouse }: CliContext, { json }: { json?: true }): Promise<void> {
  const outcome = await withHouse((house) => house.audit.checkpoint());
  if (outcome.kind === 'broken')
    throw refused('The end of the audit log was changed; nothing is signed. Run: gatehouse audit verify');
  const { token, checkpoint: signed, publicKey } = outcome;
  if (json) printJson(terminal, { token, ...signed, public_key: publicKey });
  else printLine(terminal, token);
  printNote(
    terminal,
    `Sequence ${signed.sequence} of chain ${signed.chain}. Keep it apart from this server and its database.`,
  );
}

async function readCheckpointFile(path: string): Promise<string> {
  try {
    const text = (await readFile(path, 'utf8')).trim();
    const [, token = text] = /"token": *"([^"]+)"/.exec(text) ?? [];
    return token;
  } catch (error) {
    throw new StartError(
      `${path} cannot be read: ${systemCodeOf(error) ?? 'for no reason that it told'}`,
      'Give a file that `gatehouse audit checkpoint` has printed.',
    );
  }
}
