import { Readable } from 'node:stream';
import { parse } from 'csv-parse';
import type { FileRow } from '../../server/accounts/import/user-file.ts';
import { StartError } from '../../server/errors.ts';
import { faulty } from './content.ts';
import { fieldNames, fieldOf, fromFields } from './fields.ts';

export interface CsvOptions {
  /** Our field by the column that is taken for it, on top of what is recognised. */
  columns: Readonly<Record<string, string>>;
  delimiter: string;
}

const longest = 1024 * 1024;

/**
 * Rows of a table with a head line (RFC 4180).
 *
 * @throws StartError when it has no column for a login name, or its quotes are broken so that nobody knows where a row ends
 */
export async function* readCsv(
  chunks: AsyncIterable<Buffer>,
  { columns, delimiter }: CsvOptions,
): AsyncGenerator<FileRow> {
  const parser = Readable.from(chunks).pipe(
    parse({
      bom: true,
      delimiter,
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      max_record_size: longest,
    }),
  );
  let heads: (string | undefined)[] | undefined;
  let line = 0;
  try {
    for await (const { record, info } of parser as AsyncIterable<{
      record: string[];
      info: { lines: number };
    }>) {
      const at = `line ${line + 1}`;
      line = info.lines;
      if (heads === undefined) heads = headsOf(record, columns);
      else yield { at, content: contentOf(record, heads) };
    }
  } catch (cause) {
    if (cause instanceof StartError) throw cause;
    throw new StartError(
      `The table is broken behind line ${line}. What came before was taken.`,
      'Look for a quote without its other half, and for the right --delimiter; then run the command again with --on-conflict skip.',
      1,
      cause,
    );
  }
}

function headsOf(record: readonly string[], columns: CsvOptions['columns']): (string | undefined)[] {
  const chosen = new Map(Object.entries(columns).map(([field, column]) => [column, field]));
  const heads = record.map((head) => chosen.get(head) ?? fieldOf(head));
  const missing = Object.values(columns).filter((column) => !record.includes(column));
  if (missing.length > 0) throw wrongHead(`The table has no column ${missing.join(', ')}.`);
  if (!heads.includes('email') && !heads.includes('preferred_username'))
    throw wrongHead('The table has no column for an e-mail address or user name.');
  const twice = heads.filter((head, index) => head !== undefined && heads.indexOf(head) !== index);
  if (twice.length > 0) throw wrongHead(`Two columns are taken for ${twice.join(', ')}.`);
  return heads;
}

function wrongHead(message: string): StartError {
  return new StartError(
    `${message} Nothing was changed.`,
    `The first line names the columns; --column FIELD=COLUMN says which is which. Fields: ${fieldNames.join(', ')}.`,
  );
}

function contentOf(record: readonly string[], heads: readonly (string | undefined)[]): FileRow['content'] {
  if (record.length !== heads.length)
    return faulty('(row)', `This row has ${record.length} columns, the head has ${heads.length}.`);
  if (record.some((cell) => cell.includes('\0'))) return faulty('(row)', 'There is a NUL in this row.');
  const fields = heads.flatMap((head, index) => {
    const cell = record[index]?.trim() ?? '';
    return head === undefined || cell === '' ? [] : [[head, cell] as const];
  });
  return fromFields(Object.fromEntries(fields));
}
