import type { FileRow } from '../../server/accounts/import/user-file.ts';
import { type Content, faulty } from './content.ts';
import { readJsonValues, sniff } from './json-document.ts';
import { readLines } from './text-lines.ts';

/** A person out of one JSON value; undefined for what is none, such as another kind of record. */
export type FromJson = (value: unknown) => Content | undefined;

/** Values of a document, by their paths. */
export async function* fromDocument(
  chunks: AsyncIterable<Buffer>,
  paths: string[],
  read: FromJson,
): AsyncGenerator<FileRow> {
  let number = 0;
  for await (const value of readJsonValues(chunks, paths)) {
    number += 1;
    const content = read(value);
    if (content !== undefined) yield { at: `item ${number}`, content };
  }
}

/** One JSON value in a line; one that is broken does not spoil the others. */
export async function* fromLines(chunks: AsyncIterable<Buffer>, read: FromJson): AsyncGenerator<FileRow> {
  for await (const line of readLines(chunks)) {
    const at = `line ${line.number}`;
    if ('fault' in line) yield { at, content: faulty('(line)', line.fault) };
    else if (line.text.trim() !== '') {
      const value = parse(line.text);
      const content = value === undefined ? faulty('(line)', 'This line is not JSON.') : read(value.json);
      if (content !== undefined) yield { at, content };
    }
  }
}

/** An array, or one value in a line: exports come in either form. */
export async function* fromArrayOrLines(
  chunks: AsyncIterable<Buffer>,
  read: FromJson,
): AsyncGenerator<FileRow> {
  const { first, all } = await sniff(chunks);
  yield* first === '[' ? fromDocument(all, ['$.*'], read) : fromLines(all, read);
}

function parse(text: string): { json: unknown } | undefined {
  try {
    return { json: JSON.parse(text) };
  } catch {
    return undefined;
  }
}
