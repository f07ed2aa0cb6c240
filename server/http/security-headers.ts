import type { PageContext, PageMiddleware } from './context.ts';
import { basePathOf } from './page-context.ts';

/** The policy of every answer. The engine and single pages add to it, they never replace it. */
const contentSecurityPolicy: Record<string, readonly string[]> = {
  'default-src': ["'none'"],
  'script-src': ["'self'"],
  'style-src': ["'self'"],
  'img-src': ["'self'", 'data:'],
  'font-src': ["'self'"],
  'connect-src': ["'self'"],
  'form-action': ["'self'"],
  'frame-ancestors': ["'none'"],
  'base-uri': ["'none'"],
  'object-src': ["'none'"],
};

/** What a page may allow beyond it. Scripts, styles and framing are not among them. */
export type ExtensibleDirective = 'img-src' | 'form-action';

const csp = 'Content-Security-Policy';

const permissionsPolicy = [
  'accelerometer',
  'camera',
  'display-capture',
  'geolocation',
  'gyroscope',
  'magnetometer',
  'microphone',
  'midi',
  'payment',
  'usb',
]
  .map((feature) => `${feature}=()`)
  .join(', ');

/**
 * Sets the security headers of every answer before anything else runs, so that they stand on errors too and the engine
 * can add the hashes of its own scripts to the policy.
 *
 * `Referrer-Policy: same-origin` and not `no-referrer`, which makes browsers send `Origin: null` with our own forms.
 * HSTS leaves out `includeSubDomains`: the issuer's host may be the parent of hosts that are not ours.
 */
export function makeSecurityHeaders({ issuer }: { issuer: string }): PageMiddleware {
  const https = issuer.startsWith('https:');
  const opensInPopups = popupPaths(basePathOf(issuer));
  const policy = serialize(contentSecurityPolicy);
  const isForPrograms = programPaths(basePathOf(issuer));
  return (ctx, next) => {
    ctx.set('X-Content-Type-Options', 'nosniff');
    if (https) ctx.set('Strict-Transport-Security', 'max-age=63072000');
    if (isForPrograms(ctx.path)) {
      ctx.set(csp, policyForPrograms);
      return next();
    }
    ctx.set(csp, policy);
    ctx.set('X-Frame-Options', 'DENY');
    ctx.set('Referrer-Policy', 'same-origin');
    ctx.set('Cross-Origin-Opener-Policy', opensInPopups(ctx.path) ? 'unsafe-none' : 'same-origin');
    ctx.set('Cross-Origin-Resource-Policy', 'same-origin');
    ctx.set('Permissions-Policy', permissionsPolicy);
    return next();
  };
}

/** Answers that no browser shows: should one be shown all the same, it may do nothing (OWASP REST security). */
const policyForPrograms = "default-src 'none'; frame-ancestors 'none'";

/** The busiest addresses, whose answers are JSON: what headers say about pages would only be weight there. */
function programPaths(basePath: string): (path: string) => boolean {
  const names = ['token', 'introspect', 'revoke', 'par', 'userinfo', 'jwks', 'device_authorization'];
  const paths = new Set(names.map((name) => `${basePath}/oauth2/${name}`));
  return (path) => paths.has(path);
}

/** Adds a source, such as an origin, to one directive of this answer's policy. */
export function allowSource(ctx: PageContext, directive: ExtensibleDirective, source: string): void {
  if (/[\s;,]/.test(source)) throw new TypeError('a CSP source has no spaces, semicolons or commas');
  const policy = parse(ctx.response.get(csp));
  const sources = policy[directive] ?? [];
  if (sources.includes(source)) return;
  ctx.set(csp, serialize({ ...policy, [directive]: [...sources, source] }));
}

/** Whether the engine allowed an inline script of its own by its hash on this answer. */
export function hasInlineScript(ctx: PageContext): boolean {
  return (parse(ctx.response.get(csp))['script-src'] ?? []).some((source) => source.startsWith("'sha256-"));
}

/** Pages that apps open in a popup must keep their opener, or the app never learns that the person is back. */
function popupPaths(basePath: string): (path: string) => boolean {
  const prefixes = ['/oauth2/authorize', '/oauth2/logout', '/interaction'].map(
    (path) => `${basePath}${path}`,
  );
  return (path) => prefixes.some((prefix) => path === prefix || path.startsWith(`${prefix}/`));
}

function parse(policy: string): Record<string, readonly string[]> {
  return Object.fromEntries(
    policy
      .split(';')
      .map((directive) => directive.trim().split(/\s+/))
      .map(([name = '', ...sources]) => [name, sources]),
  );
}

function serialize(policy: Record<string, readonly string[]>): string {
  return Object.entries(policy)
    .map(([name, sources]) => [name, ...sources].join(' '))
    .join('; ');
}
