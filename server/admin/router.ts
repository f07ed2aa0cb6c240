import Router from '@koa/router';
import type { Actor, AuditLog } from '../audit/event.ts';
import { AppError } from '../errors.ts';
import type { PageContext, RequestState } from '../http/context.ts';
import { readJson } from '../http/json-body.ts';
import type { Render } from '../http/render.ts';
import type { NamedKey } from '../keys/key-list.ts';
import {
  type Caller,
  challenge,
  InsufficientScope,
  makeAuthorize,
  requireScope,
  type VerifyAccessToken,
} from './authorize.ts';
import { type ClientRouteDeps, makeClientRoutes } from './client-routes.ts';
import { makeCursors } from './cursor.ts';
import { etagOf, readIfMatch } from './etag.ts';
import { buildOpenApi } from './openapi.ts';
import { toReference } from './reference.ts';
import type { Route } from './route.ts';
import { makeUserRoutes, type UserRouteDeps } from './user-routes.ts';

export interface AdminRouterDeps
  extends Omit<ClientRouteDeps, 'cursors' | 'root'>,
    Omit<UserRouteDeps, 'cursors' | 'root'> {
  issuer: string;
  verifyAccessToken: VerifyAccessToken;
  audit: AuditLog;
  /** Seal the cursors of lists; the first one seals, all open. */
  cursorKeys: readonly NamedKey[];
  render: Render;
}

type Guarded = (caller: Caller) => Promise<void>;

const everything = '/api/admin';
const version = `${everything}/v1`;

/**
 * The admin API, to be mounted at the issuer's path. Refusals are thrown to the error page, after their audit row. Nothing
 * below /api/admin says anything without a valid token, not even that it does not exist; only the description of the API is
 * for all.
 */
export function makeAdminRouter(deps: AdminRouterDeps) {
  const root = `${deps.issuer}${version}`;
  const parts = { ...deps, root, cursors: makeCursors(deps.cursorKeys) };
  const routes = [...makeClientRoutes(parts), ...makeUserRoutes(parts)];
  const document = buildOpenApi(routes, deps.issuer);
  const guard = makeGuard(deps);
  const router = new Router<RequestState, object>({ strict: true, sensitive: true });
  router.get(`${version}/openapi.json`, (ctx) => {
    ctx.set('Cache-Control', 'no-cache');
    ctx.body = document;
  });
  const reference = toReference(document);
  router.get([version, `${version}/`], (ctx) => deps.render(ctx, 'api-reference', reference));
  for (const route of routes) {
    const path = version + route.path.replaceAll(/\{(\w+)\}/g, ':$1');
    router.register(path, [route.method], (ctx) =>
      guard(ctx, `${route.method} ${version}${route.path}`, (caller) => run(ctx, route, caller)),
    );
  }
  router.all(/^\/api\/admin(?:\/.*)?$/s, (ctx) =>
    guard(ctx, `${ctx.method} of no route`, () => refuseUnknown(ctx, routes)),
  );
  return router;
}

/** Runs what is behind it for callers with a valid token of this API, and writes one audit row for each refusal. */
function makeGuard({ audit, ...deps }: AdminRouterDeps) {
  const { issuer } = deps;
  const authorize = makeAuthorize(deps);
  const refuse = (actor: Actor, reason: string, route: string) =>
    audit.append({ type: 'admin.refused', reason, route }, actor);
  return async (ctx: PageContext, route: string, work: Guarded): Promise<void> => {
    ctx.set('Cache-Control', 'no-store');
    const authorization = await authorize(ctx);
    if (authorization.kind === 'unauthenticated') {
      const { reason, actor } = authorization;
      await refuse(actor, reason, route);
      ctx.set('WWW-Authenticate', challenge(issuer, reason === 'no_token' ? reason : 'invalid_token'));
      throw new AppError('unauthenticated');
    }
    try {
      await work(authorization.caller);
    } catch (thrown) {
      if (thrown instanceof InsufficientScope) ctx.set('WWW-Authenticate', challenge(issuer, thrown));
      if (thrown instanceof AppError && thrown.status < 500) {
        await refuse(authorization.caller.actor, thrown.code, route);
      }
      throw thrown;
    }
  };
}

type RoutedContext = PageContext & { params: Record<string, string> };

async function run(ctx: RoutedContext, route: Route, caller: Caller): Promise<void> {
  requireScope(caller, route.scope);
  const answer = await route.run({
    caller,
    params: ctx.params,
    query: new URLSearchParams(ctx.querystring),
    ifMatch: readIfMatch(ctx.get('if-match')),
    readBody: (mediaTypes) => readJson(ctx, { mediaTypes }),
  });
  ctx.status = answer.status;
  if (answer.version !== undefined) ctx.set('ETag', etagOf(answer.version));
  if (answer.location !== undefined) ctx.set('Location', answer.location);
  if (answer.body !== undefined) ctx.body = answer.body;
}

async function refuseUnknown(ctx: PageContext, routes: readonly Route[]): Promise<void> {
  const methods = routes.filter(({ path }) => toPattern(path).test(ctx.path)).map(({ method }) => method);
  if (methods.length === 0) throw new AppError('not_found');
  ctx.set('Allow', methods.join(', '));
  throw new AppError('method_not_allowed');
}

function toPattern(path: string): RegExp {
  return new RegExp(`^${version}${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`);
}
