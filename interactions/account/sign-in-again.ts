import { createHmac, timingSafeEqual } from 'node:crypto';
import { accountClientId } from '../../server/clients/built-in.ts';
import type { PageContext } from '../../server/http/context.ts';
import { basePathOf } from '../../server/http/page-context.ts';
import type { NamedKey } from '../../server/keys/key-list.ts';

export interface SignInAgainDeps {
  issuer: string;
  /** The first signs, all verify. */
  cookieKeys: readonly NamedKey[];
  /** A new secret of 256 bits, base64url: `randomIds.secret`. */
  newSecret: () => string;
}

export interface SignInAgain {
  /** Sends the browser to sign in, and afterwards back to the page that it asked for. */
  begin(ctx: PageContext, demand: { maxAge?: number }): void;
  /** Where somebody goes on who comes back: a path of the account pages. */
  returnPath(ctx: PageContext): string;
}

const pagesBelow = /^\/account(?:\/[a-z0-9-]+)*$/;

/**
 * The account pages rely on this server's own session, so they only need it to be there: an ordinary authorization request
 * of the built-in client makes it. The code that comes back is not taken for tokens, which is why nobody keeps the verifier
 * of its challenge (RFC 7636); it expires unused. Where to go on stands in `state`, signed, so that no link from elsewhere
 * decides it.
 */
export function makeSignInAgain({ issuer, cookieKeys, newSecret }: SignInAgainDeps): SignInAgain {
  const basePath = basePathOf(issuer);
  return {
    begin(ctx, { maxAge }) {
      const path = ctx.path.slice(basePath.length);
      const url = new URL(`${issuer}/oauth2/authorize`);
      url.search = new URLSearchParams({
        client_id: accountClientId,
        redirect_uri: `${issuer}/account/back`,
        response_type: 'code',
        scope: 'openid',
        code_challenge: newSecret(),
        code_challenge_method: 'S256',
        state: seal(cookieKeys, pagesBelow.test(path) ? path : '/account'),
        ...(maxAge === undefined ? {} : { max_age: String(maxAge) }),
      }).toString();
      ctx.status = 303;
      ctx.set('Cache-Control', 'no-store');
      ctx.redirect(url.href);
    },

    returnPath(ctx) {
      const { state } = ctx.query;
      const path = typeof state === 'string' ? open(cookieKeys, state) : undefined;
      return `${basePath}${path ?? '/account'}`;
    },
  };
}

function seal(keys: readonly NamedKey[], path: string): string {
  const [signing] = keys;
  if (signing === undefined) throw new TypeError('a cookie key is needed');
  return `${Buffer.from(path, 'utf8').toString('base64url')}.${sign(signing.key, path).toString('base64url')}`;
}

function open(keys: readonly NamedKey[], state: string): string | undefined {
  const [encoded = '', tag = ''] = state.split('.');
  const path = Buffer.from(encoded, 'base64url').toString('utf8');
  const presented = Buffer.from(tag, 'base64url');
  const fits = keys.some(({ key }) => {
    const expected = sign(key, path);
    return expected.length === presented.length && timingSafeEqual(expected, presented);
  });
  return fits && pagesBelow.test(path) ? path : undefined;
}

function sign(key: Buffer, path: string): Buffer {
  return createHmac('sha256', key).update(`gatehouse account page\0${path}`).digest();
}
