import type { IncomingMessage } from 'node:http';
import getRawBody from 'raw-body';
import type { z } from 'zod';
import { AppError } from '../errors.ts';
import type { PageContext } from './context.ts';

const limit = 64 * 1024;

/**
 * Reads a posted form and parses it.
 *
 * @throws what readFields and parseFields throw.
 */
export async function readForm<Schema extends z.ZodType>(
  ctx: PageContext,
  schema: Schema,
): Promise<z.output<Schema>> {
  return parseFields(schema, await readFields(ctx));
}

/**
 * The fields of a posted form (application/x-www-form-urlencoded, URL Standard §5.1).
 *
 * @throws AppError unsupported_media_type for any other type or charset than UTF-8, body_too_large beyond 64 KiB, and
 * invalid_form for a broken body, invalid UTF-8, a NUL, or a field that comes twice.
 */
export async function readFields(ctx: PageContext): Promise<ReadonlyMap<string, string>> {
  const fields = new Map<string, string>();
  for (const pair of (await readFormText(ctx)).split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const name = decodePart(equals === -1 ? pair : pair.slice(0, equals));
    if (fields.has(name)) throw invalidForm('a field comes twice');
    fields.set(name, equals === -1 ? '' : decodePart(pair.slice(equals + 1)));
  }
  return fields;
}

/**
 * A posted form (application/x-www-form-urlencoded) as it was sent.
 *
 * @throws AppError unsupported_media_type, body_too_large, and invalid_form for a broken body or invalid UTF-8.
 */
export async function readFormText(ctx: PageContext): Promise<string> {
  const foreignType = ctx.is('application/x-www-form-urlencoded') === false;
  if (foreignType || !['', 'utf-8'].includes(ctx.request.charset.toLowerCase())) {
    throw new AppError('unsupported_media_type');
  }
  return decodeUtf8(await readBody(ctx));
}

/** @throws AppError invalid_form with the names of the fields that the schema refuses. */
export function parseFields<Schema extends z.ZodType>(
  schema: Schema,
  fields: ReadonlyMap<string, string>,
): z.output<Schema> {
  const parsed = schema.safeParse(Object.fromEntries(fields));
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => ({ field: path.join('.'), message }));
  throw new AppError('invalid_form', { fields: faults });
}

/**
 * Waits until a form is here as a whole, or cannot be: whoever sends it slowly must hold nothing that others wait for. What is
 * wrong with it is told when it is read.
 */
export async function formArrived(ctx: PageContext): Promise<void> {
  if (ctx.is('application/x-www-form-urlencoded') !== false) await readBody(ctx).catch(() => {});
}

/** A body can be taken off the line once only. */
const bodies = new WeakMap<IncomingMessage, Promise<Buffer>>();

function readBody(ctx: PageContext): Promise<Buffer> {
  const begun = bodies.get(ctx.req) ?? takeBody(ctx);
  bodies.set(ctx.req, begun);
  return begun;
}

async function takeBody(ctx: PageContext): Promise<Buffer> {
  try {
    return await getRawBody(ctx.req, { limit, length: ctx.get('content-length') || null });
  } catch (cause) {
    const tooLarge = cause instanceof Error && 'type' in cause && cause.type === 'entity.too.large';
    throw new AppError(tooLarge ? 'body_too_large' : 'invalid_form', {
      detail: 'body could not be read',
      cause,
    });
  }
}

function decodeUtf8(body: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
  } catch (cause) {
    throw invalidForm('the body is not UTF-8', cause);
  }
}

function decodePart(part: string): string {
  const text = decodePercent(part.replaceAll('+', ' '));
  if (text.includes('\0')) throw invalidForm('a field has a NUL character');
  return text;
}

function decodePercent(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch (cause) {
    throw invalidForm('a percent sequence is not UTF-8', cause);
  }
}

function invalidForm(detail: string, cause?: unknown): AppError {
  return new AppError('invalid_form', { detail, cause });
}
