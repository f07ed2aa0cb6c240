import Router from '@koa/router';
import type { Actor } from '../../audit/event.ts';
import { AppError } from '../../errors.ts';
import { readBytes } from '../bytes-body.ts';
import type { PageContext, RequestState, RoutedContext } from '../context.ts';
import { readJson } from '../json-body.ts';
import type { Render } from '../render.ts';
import { sendStream } from '../stream.ts';
import { type Authorization, type Caller, requireScope, schemeOf } from './caller.ts';
import { challengeFor } from './challenge.ts';
import { type ApiCors, admitOrigin, answerPreflight, exposeAnswer, foreignOrigin } from './cors.ts';
import { readIfMatch } from './etag.ts';
import { type ApiDescription, buildOpenApi } from './openapi.ts';
import { toReference } from './reference.ts';
import type { RawRequest, Route } from './route.ts';
import { describeWrite, makeRunWrite, toSent, type WholeWriteDeps } from './whole-write.ts';

export interface ApiRouterDeps {
  /** Where the API is, below the issuer's path: `/api/admin`. Its routes are below `/v1` of that. */
  place: string;
  description: ApiDescription;
  routes: readonly Route[];
  readCaller: (ctx: PageContext) => Promise<Authorization>;
  /** By which proofs of keys may be signed, with spaces between them. */
  algorithms: string;
  /** Told of every refusal of a caller before it is answered; `reason` is a stable word. */
  onRefused: (actor: Actor, reason: string, route: string) => Promise<void>;
  render: Render;
  /** For an API that scripts in browsers use; left out, those of other origins cannot. */
  cors?: ApiCors;
  /** For an API whose writes can be rehearsed, and repeated with a key. */
  writes?: WholeWriteDeps;
}

type Guarded = (caller: Caller) => Promise<void>;

/**
 * An API, to be mounted at the issuer's path. Refusals are thrown to the error page, after they were told. Nothing in its
 * place says anything without a valid token, not even that it does not exist; only the description of the API is for all.
 */
export function makeApiRouter(deps: ApiRouterDeps): Router<RequestState, object> {
  const { place } = deps;
  const routes = deps.writes === undefined ? deps.routes : deps.routes.map(describeWrite);
  const runWrite = deps.writes && makeRunWrite(deps.writes);
  const version = `${place}/v1`;
  const document = buildOpenApi(routes, deps.description);
  const guard = makeGuard(deps);
  const router = new Router<RequestState, object>({ strict: true, sensitive: true });
  router.get(`${version}/openapi.json`, (ctx) => {
    ctx.set('Cache-Control', 'no-cache');
    ctx.body = document;
  });
  const reference = toReference(document);
  router.get([version, `${version}/`], (ctx) => deps.render(ctx, 'api-reference', reference));
  if (deps.cors !== undefined) addPreflights(router, version, routes, deps.cors);
  for (const route of routes) {
    const path = version + route.path.replaceAll(/\{(\w+)\}/g, ':$1');
    router.register(path, [route.method], (ctx) =>
      guard(ctx, `${route.method} ${version}${route.path}`, (caller) => run(ctx, route, caller, runWrite)),
    );
  }
  router.all(new RegExp(`^${place}(?:/.*)?$`, 's'), (ctx) =>
    guard(ctx, `${ctx.method} of no route`, () => refuseUnknown(ctx, version, routes)),
  );
  return router;
}

/** Runs what is behind it for callers with a valid token of this API, and tells of each refusal. */
function makeGuard({ readCaller, onRefused, description: { audience }, algorithms, cors }: ApiRouterDeps) {
  const challenge = (ctx: PageContext, refusal: unknown): void =>
    setChallenge(ctx, challengeFor({ audience, scheme: schemeOf(ctx), algorithms }, refusal));
  return async (ctx: PageContext, route: string, work: Guarded): Promise<void> => {
    ctx.set('Cache-Control', 'no-store');
    const authorization = await readCaller(ctx);
    if (authorization.kind === 'unauthenticated') {
      const { reason, actor } = authorization;
      await onRefused(actor, reason, route);
      challenge(ctx, reason === 'wrong_audience' ? 'invalid_token' : reason);
      const origin = cors && foreignOrigin(ctx, cors);
      if (origin !== undefined) exposeAnswer(ctx, origin);
      throw new AppError('unauthenticated');
    }
    try {
      if (cors !== undefined) await admitOrigin(ctx, cors, authorization.caller.claims);
      await work(authorization.caller);
    } catch (thrown) {
      challenge(ctx, thrown);
      if (thrown instanceof AppError && thrown.status < 500) {
        await onRefused(authorization.caller.actor, thrown.code, route);
      }
      throw thrown;
    }
  };
}

function addPreflights(
  router: Router<RequestState, object>,
  version: string,
  routes: readonly Route[],
  cors: ApiCors,
): void {
  for (const [path, several] of Map.groupBy(routes, (route) => route.path)) {
    router.options(version + path.replaceAll(/\{(\w+)\}/g, ':$1'), (ctx) =>
      answerPreflight(
        ctx,
        cors,
        several.map(({ method }) => method),
      ),
    );
  }
}

function setChallenge(ctx: PageContext, challenge: string | undefined): void {
  if (challenge !== undefined) ctx.set('WWW-Authenticate', challenge);
}

async function run(
  ctx: RoutedContext,
  route: Route,
  caller: Caller,
  runWrite: ReturnType<typeof makeRunWrite> | undefined,
): Promise<void> {
  requireScope(caller, route.scope);
  const request: RawRequest = {
    caller,
    params: ctx.params,
    query: new URLSearchParams(ctx.querystring),
    ifMatch: readIfMatch(ctx.get('if-match')),
    readBody: (mediaTypes) => readJson(ctx, { mediaTypes }),
    readBytes: (mediaTypes, limit) => readBytes(ctx, { mediaTypes, limit }),
  };
  const { status, headers, text, stream } =
    runWrite === undefined || route.method === 'GET'
      ? toSent(await route.run(request))
      : await runWrite({ route, request, target: ctx.url, key: ctx.get('idempotency-key') });
  ctx.status = status;
  ctx.set(headers);
  if (text !== null) {
    ctx.type = 'json';
    ctx.body = text;
  }
  if (stream !== undefined) sendStream(ctx, stream);
}

async function refuseUnknown(ctx: PageContext, version: string, routes: readonly Route[]): Promise<void> {
  const methods = routes
    .filter(({ path }) => toPattern(version, path).test(ctx.path))
    .map(({ method }) => method);
  if (methods.length === 0) throw new AppError('not_found');
  ctx.set('Allow', methods.join(', '));
  throw new AppError('method_not_allowed');
}

function toPattern(version: string, path: string): RegExp {
  return new RegExp(`^${version}${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`);
}
