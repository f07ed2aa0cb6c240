import type { PageContext } from './context.ts';

/** The cookie by which a browser is known as the one that has signed up. */
export interface SignUpCookie {
  read(ctx: PageContext): string | undefined;
  /** The secret that this browser holds from now on, for a day; the one that it has, if it has one. */
  keep(ctx: PageContext): string;
}

const day = 24 * 60 * 60 * 1000;
const secretForm = /^[A-Za-z0-9_-]{43}$/;

/**
 * `__Host-` where the issuer has https (RFC 6265bis 4.1.3.2): no other host can set or shadow it. Sent to all pages: the link
 * of the mail leads to another one than the form.
 *
 * @param newSecret a new secret of 256 bits, base64url: `randomIds.secret`
 */
export function makeSignUpCookie(issuer: string, newSecret: () => string): SignUpCookie {
  const secure = issuer.startsWith('https:');
  const name = secure ? '__Host-gatehouse_sign_up' : 'gatehouse_sign_up';
  const read = (ctx: PageContext): string | undefined => {
    const value = ctx.cookies.get(name, { signed: false });
    return value !== undefined && secretForm.test(value) ? value : undefined;
  };
  return {
    read,
    keep(ctx) {
      const secret = read(ctx) ?? newSecret();
      ctx.cookies.set(name, secret, {
        httpOnly: true,
        sameSite: 'lax',
        secure,
        path: '/',
        maxAge: day,
        signed: false,
        overwrite: true,
      });
      return secret;
    },
  };
}
