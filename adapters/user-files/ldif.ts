import type { FileRow } from '../../server/accounts/import/user-file.ts';
import { type Content, faulty, loginNames, person } from './content.ts';
import { readLines } from './text-lines.ts';

const mostLines = 10_000;

/** Entries of a directory (RFC 2849) that have a login name; other entries are none. Changes and URLs are not read. */
export async function* readLdif(chunks: AsyncIterable<Buffer>): AsyncGenerator<FileRow> {
  let entry: string[] = [];
  let begin = 1;
  let fault: string | undefined;
  const finish = (): FileRow | undefined => {
    const content = fault === undefined ? contentOf(entry) : faulty('(entry)', fault);
    entry = [];
    fault = undefined;
    return content && { at: `line ${begin}`, content };
  };
  for await (const line of readLines(chunks)) {
    if ('fault' in line) fault = line.fault;
    else if (line.text === '') {
      const row = finish();
      if (row !== undefined) yield row;
      begin = line.number + 1;
    } else if (entry.length >= mostLines) fault = `This entry has more than ${mostLines} lines.`;
    // A line that begins with a space goes on with the one before.
    else if (line.text.startsWith(' ')) entry.push(`${entry.pop() ?? ''}${line.text.slice(1)}`);
    else if (!line.text.startsWith('#')) entry.push(line.text);
  }
  const row = finish();
  if (row !== undefined) yield row;
}

function contentOf(lines: readonly string[]): Content | undefined {
  const attributes = new Map<string, string>();
  for (const line of lines) {
    const [, name, encoded, value] = /^([A-Za-z][A-Za-z0-9-]*)(?:;[^:]*)?:(:?) *(.*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined)
      return faulty('(entry)', 'This entry has a line that is no attribute.');
    const text = encoded === ':' ? Buffer.from(value, 'base64').toString('utf8') : value;
    if (!attributes.has(name.toLowerCase())) attributes.set(name.toLowerCase(), text);
  }
  const of = (name: string): string | undefined => attributes.get(name);
  if (of('uid') === undefined && of('mail') === undefined) return undefined;
  return person(
    {
      ...loginNames(of('uid'), of('mail')),
      name: of('displayname') ?? of('cn'),
      given_name: of('givenname'),
      family_name: of('sn'),
      locale: of('preferredlanguage'),
      phone_number: of('telephonenumber'),
    },
    {
      id: of('entryuuid'),
      passwordHash: of('userpassword'),
      createdAt: generalizedTime(of('createtimestamp')),
    },
  );
}

/** RFC 4517 3.3.13, in the one form that servers write: `20240131120000Z`. */
function generalizedTime(text: string | undefined): Date | undefined {
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.\d+)?Z$/.exec(text ?? '') ?? [];
  return year === undefined ? undefined : new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}
