import { z } from 'zod';
import type { Contents, OnRows, RowBatch } from '../../server/backup/contents.ts';

const rowsAtOnce = 1000;

/** What a database holds as a layout in a description has it. */
export const layout = z.object({
  migrations: z.array(z.object({ number: z.number(), name: z.string() })),
  tables: z.array(
    z.object({
      name: z.string(),
      columns: z.array(z.string()),
      partitions: z.array(z.object({ name: z.string(), bounds: z.string() })),
    }),
  ),
  sequences: z.record(z.string(), z.string()),
});

const tableLine = z.object({ table: z.string() });

/** The description, then for each table a line that names it and its rows. No row has a line end inside: it is JSON. */
export async function* writeLines(
  description: unknown,
  { batches }: Pick<Contents, 'batches'>,
  onRows: OnRows,
): AsyncGenerator<string> {
  yield `${JSON.stringify(description)}\n`;
  let current: string | undefined;
  for await (const { table, rows } of batches()) {
    if (table !== current) yield `${JSON.stringify({ table })}\n`;
    current = table;
    yield `${rows.join('\n')}\n`;
    onRows(table, rows.length);
  }
}

/**
 * Split at line feeds only: readline would also split at U+2028, which stands in rows as it is.
 *
 * @param madeByAnother the error for what does not end with a line end
 */
export async function* splitLines(
  text: AsyncIterable<Buffer>,
  madeByAnother: () => Error,
): AsyncGenerator<string> {
  let begun: Buffer[] = [];
  for await (const chunk of text) {
    let start = 0;
    for (let end = chunk.indexOf('\n'); end !== -1; end = chunk.indexOf('\n', start)) {
      yield Buffer.concat([...begun, chunk.subarray(start, end)]).toString('utf8');
      begun = [];
      start = end + 1;
    }
    begun.push(chunk.subarray(start));
  }
  if (begun.some(({ length }) => length > 0)) throw madeByAnother();
}

/** The rows behind the description. */
export async function* readBatches(
  lines: AsyncIterable<string>,
  madeByAnother: () => Error,
): AsyncGenerator<RowBatch> {
  let table: string | undefined;
  let rows: string[] = [];
  for await (const line of lines) {
    if (line.startsWith('[')) {
      if (table === undefined) throw madeByAnother();
      rows.push(line);
      if (rows.length < rowsAtOnce) continue;
    }
    if (table !== undefined && rows.length > 0) yield { table, rows };
    rows = [];
    if (line.startsWith('{')) table = tableLine.parse(JSON.parse(line)).table;
  }
  if (table !== undefined && rows.length > 0) yield { table, rows };
}
