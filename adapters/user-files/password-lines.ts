import type { FileRow } from '../../server/accounts/import/user-file.ts';
import { type Content, faulty, loginNames, person } from './content.ts';
import { readLines } from './text-lines.ts';

/** `user:hash` in a line: the files of Apache (`htpasswd`) and of Unix (`/etc/shadow`, which has more behind it). */
export async function* readPasswordLines(
  chunks: AsyncIterable<Buffer>,
  kind: 'htpasswd' | 'shadow',
): AsyncGenerator<FileRow> {
  for await (const line of readLines(chunks)) {
    const at = `line ${line.number}`;
    if ('fault' in line) yield { at, content: faulty('(line)', line.fault) };
    else if (line.text.trim() !== '' && !line.text.startsWith('#'))
      yield { at, content: kind === 'htpasswd' ? fromHtpasswd(line.text) : fromShadow(line.text) };
  }
}

function fromHtpasswd(text: string): Content {
  const colon = text.indexOf(':');
  if (colon < 1) return faulty('(line)', 'This line is not of the form user:hash.');
  return person(loginNames(text.slice(0, colon)), { passwordHash: text.slice(colon + 1).trim() });
}

/** shadow(5): a `!` in front locks the password; `*` and `!` alone stand where nobody can sign in by password. */
function fromShadow(text: string): Content {
  const [name = '', field = ''] = text.split(':');
  const locked = field.startsWith('!');
  const hash = field.replace(/^!+/, '');
  if (hash === '' || hash.startsWith('*'))
    return faulty('password', 'Nobody signs in there by password; accounts of the system are left out.');
  return person({ ...loginNames(name), status: locked ? 'disabled' : undefined }, { passwordHash: hash });
}
