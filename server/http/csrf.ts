import { createHmac, timingSafeEqual } from 'node:crypto';
import type { z } from 'zod';
import { AppError } from '../errors.ts';
import type { NamedKey } from '../keys/key-list.ts';
import { readBytes } from './bytes-body.ts';
import type { PageContext, PageMiddleware } from './context.ts';
import { parseFields, readFields } from './form.ts';
import { readMultipart } from './multipart.ts';

export interface CsrfDeps {
  issuer: string;
  /** The first signs, all verify. */
  cookieKeys: readonly NamedKey[];
  /** A new secret of 256 bits, base64url: `randomIds.secret`. */
  newSecret: () => string;
  /** Told of every refusal before it is answered. */
  onRefused: (ctx: PageContext, reason: string) => Promise<void>;
}

export interface Csrf {
  /** The value of a form's hidden field `csrf`. Sets the cookie that it belongs to. */
  token(ctx: PageContext, purpose: string): string;
  /**
   * Reads a posted form that carries a token made for `purpose` in this browser.
   *
   * @throws AppError csrf_rejected, or what readForm throws.
   */
  readForm<Schema extends z.ZodType>(
    ctx: PageContext,
    purpose: string,
    schema: Schema,
  ): Promise<z.output<Schema>>;
  /**
   * The same of a form with a file (RFC 7578): its fields beside the token, as bytes.
   *
   * @throws AppError csrf_rejected, body_too_large beyond `limit` bytes, unsupported_media_type, invalid_form.
   */
  readUpload(ctx: PageContext, purpose: string, limit: number): Promise<ReadonlyMap<string, Buffer>>;
  /** For forms that the engine checks itself (it keeps their token in its session): refuses posts of other sites. */
  sameOriginOnly: PageMiddleware;
}

const secretForm = /^[A-Za-z0-9_-]{43}$/;

/**
 * Signed double submit: a random secret in an HttpOnly cookie, and in the form its HMAC together with the form's purpose
 * (which names the interaction, so that no other page's token fits). Beside it what browsers say about where a request
 * comes from: `Origin` and `Sec-Fetch-Site`.
 */
export function makeCsrf(deps: CsrfDeps): Csrf {
  const https = deps.issuer.startsWith('https:');
  const cookie = https ? '__Host-gatehouse_csrf' : 'gatehouse_csrf';
  const { origin } = new URL(deps.issuer);

  const secretIn = (ctx: PageContext): string | undefined => {
    const value = ctx.cookies.get(cookie, { signed: false });
    return value !== undefined && secretForm.test(value) ? value : undefined;
  };

  const refuse = async (ctx: PageContext, reason: string): Promise<never> => {
    await deps.onRefused(ctx, reason);
    throw new AppError('csrf_rejected', { detail: reason });
  };

  const checkSource = async (ctx: PageContext): Promise<void> => {
    const reason = reasonToRefuseSource(ctx, origin);
    if (reason !== undefined) await refuse(ctx, reason);
  };

  const checkToken = async (ctx: PageContext, purpose: string, token: string | undefined): Promise<void> => {
    const secret = secretIn(ctx);
    if (secret === undefined) return refuse(ctx, 'cookie_missing');
    if (token === undefined) return refuse(ctx, 'token_missing');
    const presented = Buffer.from(token, 'base64url');
    const fits = deps.cookieKeys.some(({ key }) => sameBytes(sign(key, secret, purpose), presented));
    if (!fits) await refuse(ctx, 'token_mismatch');
  };

  return {
    token(ctx, purpose) {
      const [signing] = deps.cookieKeys;
      if (signing === undefined) throw new TypeError('a cookie key is needed');
      const secret = ctx.state.csrfSecret ?? secretIn(ctx) ?? deps.newSecret();
      ctx.state.csrfSecret = secret;
      ctx.cookies.set(cookie, secret, {
        httpOnly: true,
        sameSite: 'lax',
        secure: https,
        path: '/',
        signed: false,
        overwrite: true,
      });
      return sign(signing.key, secret, purpose).toString('base64url');
    },

    async readForm(ctx, purpose, schema) {
      await checkSource(ctx);
      // Beside our own type, these are what a foreign page's form can send. They hold no token.
      if (ctx.is('text/plain', 'multipart/form-data')) return refuse(ctx, 'foreign_content_type');
      const fields = await readFields(ctx);
      await checkToken(ctx, purpose, fields.get('csrf'));
      return parseFields(schema, fields);
    },

    async readUpload(ctx, purpose, limit) {
      await checkSource(ctx);
      const body = await readBytes(ctx, { mediaTypes: ['multipart/form-data'], limit });
      const fields = readMultipart(ctx.get('content-type'), body);
      await checkToken(ctx, purpose, fields.get('csrf')?.toString('latin1'));
      return fields;
    },

    sameOriginOnly: async (ctx, next) => {
      if (ctx.method === 'POST') await checkSource(ctx);
      await next();
    },
  };
}

/** `Origin: null` is what sandboxed frames and some redirects send: never one of our pages. */
function reasonToRefuseSource(ctx: PageContext, origin: string): string | undefined {
  const presented = ctx.get('origin');
  if (presented !== '' && presented !== origin) return 'foreign_origin';
  if (!['', 'same-origin', 'none'].includes(ctx.get('sec-fetch-site'))) return 'foreign_site';
  return undefined;
}

function sign(key: Buffer, secret: string, purpose: string): Buffer {
  return createHmac('sha256', key).update(`gatehouse form\0${secret}\0${purpose}`).digest();
}

function sameBytes(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
