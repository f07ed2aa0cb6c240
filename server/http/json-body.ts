import getRawBody from 'raw-body';
import { AppError } from '../errors.ts';
import type { PageContext } from './context.ts';
import { faultInJsonText, isStorable } from './json-rules.ts';

const limit = 256 * 1024;

export interface JsonBodyOptions {
  /** Accepted media types; `application/json` when left out. */
  mediaTypes?: readonly string[];
}

/**
 * The JSON body of a request (RFC 8259), in UTF-8 and not compressed. Nothing but JSON values: no schema is applied.
 *
 * @throws AppError unsupported_media_type for another type, charset or any Content-Encoding, body_too_large beyond
 * 256 KiB, and invalid_json for everything that is broken, ambiguous (a name twice), dangerous or too deep.
 */
export async function readJson(ctx: PageContext, options: JsonBodyOptions = {}): Promise<unknown> {
  assertMediaType(ctx, options.mediaTypes ?? ['application/json']);
  const text = decodeUtf8(await readBytes(ctx));
  const fault = faultInJsonText(text);
  if (fault !== undefined) throw invalidJson(fault);
  const value = parse(text);
  if (!isStorable(value)) throw invalidJson('A text in it has a NUL character or half a surrogate pair.');
  return value;
}

function assertMediaType(ctx: PageContext, accepted: readonly string[]): void {
  const [type = '', ...parameters] = ctx.get('content-type').toLowerCase().split(';');
  const charset = parameters.map((parameter) => parameter.trim()).find((it) => it.startsWith('charset='));
  const foreignCharset = charset !== undefined && !/^charset="?utf-8"?$/.test(charset);
  if (!accepted.includes(type.trim()) || foreignCharset) {
    throw new AppError('unsupported_media_type', { message: `Send ${accepted.join(' or ')} in UTF-8.` });
  }
  // A small compressed body could become a huge one.
  if (!['', 'identity'].includes(ctx.get('content-encoding').toLowerCase())) {
    throw new AppError('unsupported_media_type', { message: 'Send the body without Content-Encoding.' });
  }
}

async function readBytes(ctx: PageContext): Promise<Buffer> {
  try {
    return await getRawBody(ctx.req, { limit, length: ctx.get('content-length') || null });
  } catch (cause) {
    const tooLarge = cause instanceof Error && 'type' in cause && cause.type === 'entity.too.large';
    if (tooLarge) throw new AppError('body_too_large', { message: `Send at most ${limit} bytes.`, cause });
    throw new AppError('invalid_json', { detail: 'the body could not be read', cause });
  }
}

/** RFC 8259 8.1: UTF-8 only, and a byte order mark is not ours to add but ours to ignore. */
function decodeUtf8(body: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw invalidJson('It is not UTF-8.');
  }
}

/** The parser's own message is left out: it quotes what was sent. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new AppError('invalid_json');
  }
}

function invalidJson(why: string): AppError {
  return new AppError('invalid_json', { message: `The body cannot be accepted. ${why}` });
}
