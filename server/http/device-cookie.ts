import type { PageContext } from './context.ts';

/** The cookie by which a browser is known to the accounts that have signed in with it. */
export interface DeviceCookie {
  /** What the browser presents, as text; server/authn/lockout/device.ts reads it. */
  read(ctx: PageContext): string | undefined;
  /** What it is to present from now on, for a year. */
  write(ctx: PageContext, tokens: readonly string[]): void;
}

const year = 365 * 24 * 60 * 60 * 1000;

/** `__Host-` where the issuer has https (RFC 6265bis 4.1.3.2): no other host can set or shadow it. */
export function makeDeviceCookie(issuer: string): DeviceCookie {
  const secure = issuer.startsWith('https:');
  const name = secure ? '__Host-gatehouse_device' : 'gatehouse_device';
  return {
    read: (ctx) => ctx.cookies.get(name, { signed: false }),
    write(ctx, tokens) {
      ctx.cookies.set(name, tokens.join('.'), {
        httpOnly: true,
        sameSite: 'lax',
        secure,
        path: '/',
        maxAge: year,
        signed: false,
        overwrite: true,
      });
    },
  };
}
