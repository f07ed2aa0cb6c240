import type { KoaContextWithOIDC } from 'oidc-provider';
import type { PageContext, PageMiddleware } from '../http/context.ts';
import { actorOf } from '../http/page-context.ts';
import { settleBrowser } from './browser-unit.ts';
import { settleToken, type TokenUnitDeps } from './token-unit.ts';

/** What the storage does for one request; implemented by adapters/postgres/artifacts/request-unit.ts. */
export interface RequestUnits {
  /** `origin`: from where the request comes; it is noted with a session that the request keeps. */
  run<T>(
    options: {
      wait: 'token' | 'browser' | undefined;
      origin?: { ip?: string | undefined; userAgent?: string | undefined };
    },
    work: () => Promise<T>,
  ): Promise<T>;
  /** MUST do everything that waits at once, or nothing when what the request relied on was used or ended meanwhile. */
  commit(replay: { answer: string; fingerprint: Buffer } | undefined): Promise<Committed>;
}

/**
 * `isCookieGiven`: this answer gives the browser a session cookie; otherwise the one that it has stays, or another tab has got
 * a new one. `isWorthRepeating`: the same request finds things as they are now, and can be answered.
 */
export type Committed =
  | { kind: 'committed'; isCookieGiven: boolean }
  | { kind: 'lost'; isWorthRepeating: boolean };

export interface RequestUnitDeps extends TokenUnitDeps {
  units: RequestUnits;
  /** Seconds that a session lives at most. */
  sessionAbsolute: number;
  /** Shows that a sign-in, or the session, is over. */
  showOver: (ctx: PageContext) => void;
}

/** Where the engine reads a session, and writes it with what else the request brings. */
const browserPaths = /^\/(?:oauth2\/(?:authorize|logout)|device)(?:\/|$)/;

/**
 * Directly around the engine: makes one unit of every request. What the engine writes at the token endpoint, and in requests
 * of browsers, waits until it has answered; then it is written in one statement, and only then the answer is sent. A kill
 * before leaves nothing, and of several requests with one code, token or interaction the database lets one through.
 */
export function makeRequestUnit(deps: RequestUnitDeps): PageMiddleware {
  return (ctx, next) => {
    const wait = waitingOf(ctx);
    const { ip, userAgent } = actorOf(ctx);
    return deps.units.run({ wait, origin: { ip, userAgent } }, async () => {
      // crash point: unit_begun
      await next();
      if (wait === 'token' && ctx.status === 200)
        await settleToken(deps, ctx as PageContext & KoaContextWithOIDC);
      // What the engine wrote before it refused a request counts, unless it failed itself.
      if (wait === 'browser' && ctx.status < 500) await settleBrowser(deps, ctx);
    });
  };
}

function waitingOf({ path, method }: PageContext): 'token' | 'browser' | undefined {
  if (path === '/oauth2/token' && method === 'POST') return 'token';
  return browserPaths.test(path) ? 'browser' : undefined;
}
