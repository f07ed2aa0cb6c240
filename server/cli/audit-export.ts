import { once } from 'node:events';
import { type Command, InvalidArgumentError } from 'commander';
import type { AuditFilter } from '../audit/audit-reader.ts';
import { readTypes } from '../audit/filter-words.ts';
import { escapeUnprintable } from '../log.ts';
import type { CliContext } from './context.ts';
import { wholeNumber } from './options.ts';

interface ExportOptions {
  from?: Date;
  to?: Date;
  type?: string[];
  person?: string;
  client?: string;
  after: number;
}

/** `audit export`. */
export function addAuditExportCommand(audit: Command, context: CliContext): void {
  audit
    .command('export')
    .option('--from <time>', 'only what was recorded then or later, such as 2026-11-24T00:00:00Z', moment)
    .option('--to <time>', 'only what was recorded before', moment)
    .option('--type <types>', 'only these, between commas; user.* is all whose names begin so', types)
    .option('--person <sub>', 'only what is about this person, or was done by them')
    .option('--client <id>', 'only what is about this client, or was done by it')
    .option(
      '--after <sequence>',
      'only what comes after this place in the chain',
      wholeNumber(0, 999_999_999),
      0,
    )
    .description('print the audit log as JSON lines, in the order of its chain')
    .addHelpText('after', examples)
    .action((options: ExportOptions) => exportEvents(context, options));
}

const examples = `
Examples:
  $ gatehouse audit export > audit.ndjson
  $ gatehouse audit export --type 'signin.*' --from 2026-11-01T00:00:00Z > sign-ins.ndjson

Works beside a running server. One that broke off goes on with --after and the last sequence that it printed.`;

async function exportEvents({ terminal, withHouse, operator }: CliContext, options: ExportOptions) {
  const { after, type, ...same } = options;
  const filter: AuditFilter = { ...same, types: type };
  const asked = {
    ...same,
    type: type?.join(','),
    from: same.from?.toISOString(),
    to: same.to?.toISOString(),
  };
  await withHouse(async ({ audit }) => {
    const given = Object.entries(asked).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    );
    const chunks = await audit.exportEvents({
      filter,
      after,
      asked: Object.fromEntries(given),
      by: operator,
    });
    for await (const chunk of chunks) {
      for (const line of chunk.trimEnd().split('\n')) {
        if (!terminal.out.write(`${escapeUnprintable(line)}\n`)) await once(terminal.out, 'drain');
      }
    }
  });
}

function moment(text: string): Date {
  const time = new Date(text);
  if (/^\d{4}-\d\d-\d\d/.test(text) && !Number.isNaN(time.getTime())) return time;
  throw new InvalidArgumentError('Give a time such as 2026-11-24T00:00:00Z.');
}

function types(text: string): string[] {
  const read = readTypes(text);
  if (read.kind === 'read') return read.types;
  throw new InvalidArgumentError(`There is no type ${read.word}; docs/audit-events.md lists them.`);
}
