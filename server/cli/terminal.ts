import { readFileSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { StartError, systemCodeOf } from '../errors.ts';
import { escapeUnprintable } from '../log.ts';
import type { DocumentPage } from './ports.ts';

/** Where a command reads and writes. Results go to `out`, everything that is said beside them to `err`. */
export interface Terminal {
  in: Readable & { isTTY?: boolean; setRawMode?(raw: boolean): unknown };
  out: Writable;
  err: Writable & { isTTY?: boolean };
}

const longestInput = 1024 * 1024;

/** A result as one JSON document. */
export function printJson({ out }: Terminal, value: unknown): void {
  // Escaped line by line: the line ends between the values are JSON's own, those inside are escaped already.
  for (const line of JSON.stringify(value, null, 2).split('\n')) out.write(`${escapeUnprintable(line)}\n`);
}

/** One line; what strangers have put into it cannot move the cursor. */
export function printLine({ out }: Terminal, line: string): void {
  out.write(`${escapeUnprintable(line)}\n`);
}

export function printNote({ err }: Terminal, line: string): void {
  err.write(`${escapeUnprintable(line)}\n`);
}

/** Rows under their heads in aligned columns; the last column is as long as it is. */
export function printTable(
  terminal: Terminal,
  heads: readonly string[],
  rows: readonly (readonly string[])[],
): void {
  const lines = [heads, ...rows].map((row) => row.map(escapeUnprintable));
  const widths = heads.map((_, column) => Math.max(...lines.map((row) => row[column]?.length ?? 0)));
  for (const row of lines) {
    printLine(
      terminal,
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    );
  }
}

/** Names and values of one thing, one pair a line; what it does not have is left out. */
export function printPairs(terminal: Terminal, pairs: readonly (readonly [string, unknown])[]): void {
  const present = pairs
    .map((pair) => [pair[0], readable(...pair)] as const)
    .filter(([, value]) => value !== '');
  const width = Math.max(...present.map(([name]) => name.length));
  for (const [name, value] of present) printLine(terminal, `${name.padEnd(width)}  ${value}`);
}

/** A page of a list: a table of these columns (head and member), or the whole as JSON. */
export function printPage(
  terminal: Terminal,
  page: DocumentPage,
  json: boolean,
  columns: Readonly<Record<string, string>>,
): void {
  if (json) {
    printJson(terminal, page);
    return;
  }
  const members = Object.values(columns);
  printTable(
    terminal,
    Object.keys(columns),
    page.items.map((item) => members.map((member) => readable(member, item[member]))),
  );
  if (page.next !== null) printNote(terminal, `More follow: --after ${page.next}`);
}

function readable(name: string, value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value;
  // RFC 7591 and OIDC have times in seconds since 1970, which nobody can read.
  if (typeof value === 'number' && value > 0 && /_at$/.test(name))
    return new Date(value * 1000).toISOString();
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value.join(' ');
  return JSON.stringify(value);
}

/** A file's text, or standard input's for `-`. */
export async function readText(terminal: Terminal, path: string): Promise<string> {
  if (path === '-') return readAll(terminal.in);
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new StartError(
      `The file ${path} cannot be read (${systemCodeOf(cause)}).`,
      'Check the path and who may read it.',
      1,
      cause,
    );
  }
}

async function readAll(stream: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream) {
    const bytes = Buffer.from(chunk);
    length += bytes.length;
    if (length > longestInput) throw new StartError('Standard input is too long.', 'Give at most 1 MiB.');
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}
