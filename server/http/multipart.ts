import { AppError } from '../errors.ts';

const mostParts = 4;
const longestHead = 1024;

/**
 * The parts of a form with a file (RFC 7578) by their names, as bytes. Strict, and no more than our own pages send: few parts,
 * each name once, nothing before the first and after the last. What a part says of itself beside its name (the name of the
 * file, its type) is not believed and not returned.
 *
 * @throws AppError invalid_form
 */
export function readMultipart(contentType: string, body: Buffer): ReadonlyMap<string, Buffer> {
  const [, quoted, plain] = /;\s*boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))\s*$/i.exec(contentType) ?? [];
  const boundary = quoted ?? plain;
  if (boundary === undefined) throw broken('there is no boundary');
  const between = Buffer.from(`\r\n--${boundary}`, 'latin1');
  const parts = new Map<string, Buffer>();
  // The first boundary has no line before it.
  const whole = Buffer.concat([Buffer.from('\r\n', 'latin1'), body]);
  if (whole.indexOf(between) !== 0) throw broken('it does not begin with its boundary');
  for (let at = between.length; !startsWith(whole, at, '--'); ) {
    if (parts.size === mostParts) throw broken('it has too many parts');
    const next = whole.indexOf(between, at);
    if (next === -1 || !startsWith(whole, at, '\r\n')) throw broken('a part does not end');
    const [name, content] = readPart(whole.subarray(at + 2, next));
    if (parts.has(name)) throw broken('a field comes twice');
    parts.set(name, content);
    at = next + between.length;
  }
  return parts;
}

function readPart(part: Buffer): [string, Buffer] {
  const end = part.indexOf('\r\n\r\n');
  if (end === -1 || end > longestHead) throw broken('the head of a part is too long');
  const head = part.subarray(0, end).toString('latin1');
  const [, name] = /^content-disposition:\s*form-data;\s*name="([\w-]{1,64})"(?:;|$)/im.exec(head) ?? [];
  if (name === undefined) throw broken('a part has no name');
  return [name, part.subarray(end + 4)];
}

const startsWith = (bytes: Buffer, at: number, text: string): boolean =>
  bytes.toString('latin1', at, at + text.length) === text;

const broken = (detail: string): AppError => new AppError('invalid_form', { detail });
