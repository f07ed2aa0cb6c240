/** A mail as its reader sees it, out of what went over the wire. */
export interface ReadMail {
  subject: string;
  text: string;
  html: string;
  /** Every http address of the text, each once. */
  links: string[];
  headers: Map<string, string>;
}

/** Reads one mail of ours (RFC 5322, MIME with text and HTML alternatives, UTF-8), given as latin1, one character for each byte. */
export function readMail(raw: string): ReadMail {
  const { headers } = splitPart(raw);
  const leaves = readLeaves(raw);
  const ofType = (type: string) => leaves.find((leaf) => leaf.type === type)?.content ?? '';
  const text = ofType('text/plain');
  return {
    subject: decodeWords(headers.get('subject') ?? ''),
    text,
    html: ofType('text/html'),
    links: [...new Set(text.match(/https?:\/\/[^\s<>"]*[^\s<>".,;:!?)]/g) ?? [])],
    headers,
  };
}

interface Leaf {
  type: string;
  content: string;
}

function readLeaves(part: string): Leaf[] {
  const { headers, body } = splitPart(part);
  const contentType = headers.get('content-type') ?? 'text/plain';
  const boundary = /boundary="?([^";]+)"?/i.exec(contentType)?.[1];
  if (boundary !== undefined) {
    const [, ...parts] = `\r\n${body}`.split(`\r\n--${boundary}`);
    return parts
      .filter((inner) => !inner.startsWith('--'))
      .flatMap((inner) => readLeaves(inner.replace(/^\r\n/, '')));
  }
  const type = contentType.split(';')[0]?.trim().toLowerCase() ?? '';
  return [{ type, content: decodeBody(body, headers.get('content-transfer-encoding')?.toLowerCase()) }];
}

function splitPart(part: string): { headers: Map<string, string>; body: string } {
  const end = part.indexOf('\r\n\r\n');
  const head = end === -1 ? part : part.slice(0, end);
  const lines = head.replaceAll(/\r\n[ \t]+/g, ' ').split('\r\n');
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });
  return { headers: new Map(headers), body: end === -1 ? '' : part.slice(end + 4) };
}

function decodeBody(body: string, encoding: string | undefined): string {
  const bytes =
    encoding === 'base64'
      ? Buffer.from(body, 'base64')
      : encoding === 'quoted-printable'
        ? decodeQuoted(body.replaceAll(/=\r\n/g, ''))
        : Buffer.from(body, 'latin1');
  return bytes.toString('utf8').replaceAll('\r\n', '\n');
}

function decodeQuoted(text: string): Buffer {
  const byte = (_all: string, hex: string) => String.fromCharCode(Number.parseInt(hex, 16));
  return Buffer.from(text.replaceAll(/=([0-9A-F]{2})/gi, byte), 'latin1');
}

/** RFC 2047: `=?UTF-8?Q?…?=` and `=?UTF-8?B?…?=`. */
function decodeWords(header: string): string {
  return header
    .replaceAll(/\?=\s+=\?/g, '?==?')
    .replaceAll(/=\?utf-8\?([bq])\?([^?]*)\?=/gi, (_all, kind: string, word: string) =>
      kind.toLowerCase() === 'b'
        ? Buffer.from(word, 'base64').toString('utf8')
        : decodeQuoted(word.replaceAll('_', ' ')).toString('utf8'),
    );
}
