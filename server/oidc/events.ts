import type { IncomingMessage } from 'node:http';
import type Koa from 'koa';
import { errors, type KoaContextWithOIDC, Provider } from 'oidc-provider';
import type { Actor, AuditEvent, AuditLog } from '../audit/event.ts';
import { AppError } from '../errors.ts';
import { redactPath } from '../http/request-log.ts';
import type { Log } from '../log.ts';
import { sessionIdOf } from '../session-id.ts';
import type { TellApps } from '../sessions/tell-apps.ts';
import { actorFor, readSupportMark } from '../support-mark.ts';
import { presentedCode } from './presented-code.ts';
import type { TellRefusals } from './refusals/tell-refusals.ts';
import { isReuse } from './token-misuse.ts';
import { awaitBeforeAnswer, type EngineError } from './unfinished.ts';

export interface EventDeps {
  audit: AuditLog;
  log: Log;
  refusals: Pick<TellRefusals, 'note'>;
  /** Owes a message to each of these apps that wants to know of sign-outs. */
  tellApps: TellApps;
  /** One more answer of the engine: `outcome` is `ok` or the OAuth error. */
  count(endpoint: string, outcome: string): void;
}

/** Events in which the engine tells that it refused; their endpoint as metrics and audit name it. */
const refusals = {
  'authorization.error': 'authorize',
  'pushed_authorization_request.error': 'par',
  'device_authorization.error': 'device_authorization',
  'code_verification.error': 'device',
  'device_resume.error': 'device',
  'grant.error': 'token',
  'userinfo.error': 'userinfo',
  'introspection.error': 'introspect',
  'revocation.error': 'revoke',
  'end_session.error': 'logout',
  'end_session_confirm.error': 'logout',
  'end_session_success.error': 'logout',
  'discovery.error': 'discovery',
  'jwks.error': 'jwks',
} as const;

/** A request is refused once: where the engine tells two reasons for it, the first stands. */
const refused = new WeakSet<IncomingMessage>();

/** Turns the engine's events into audit rows, metrics and log lines. */
export function subscribe(provider: Provider, deps: EventDeps): void {
  // The types list only some of these events; as a Koa application the engine takes any.
  const emitter: Koa = provider;
  for (const [event, endpoint] of Object.entries(refusals)) {
    emitter.on(event, (ctx: KoaContextWithOIDC, error: EngineError) => {
      const code = deps.refusals.note(ctx, error);
      // Not the last word: unstored-tokens.ts answers it.
      if (refused.has(ctx.req) || error instanceof errors.UnsupportedTokenType) return;
      refused.add(ctx.req);
      const reason = error.error ?? 'error';
      deps.count(endpoint, reason);
      deps.log.info('request refused', {
        endpoint,
        error: reason,
        detail: error.error_detail ?? error.error_description,
        ...(code === undefined ? {} : { code }),
        clientId: ctx.oidc?.client?.clientId,
      });
      append(ctx, deps, refusalEvent(event, endpoint, ctx, error));
    });
  }
  provider.on('server_error', (ctx, error) => {
    // unavailable-answers.ts tells of that.
    if (error instanceof AppError && error.status === 503) return;
    deps.count('any', 'server_error');
    deps.log.error('the engine failed', { path: redactPath(ctx.path), error });
  });
  noteServiceTokens(provider, deps);
  provider.on('grant.success', () => deps.count('token', 'ok'));
  provider.on('authorization.success', (ctx) => {
    deps.count('authorize', 'ok');
    endWithSignOut(ctx);
  });
  provider.on('end_session.success', (ctx) => {
    deps.count('logout', 'ok');
    const accountId = ctx.oidc.session?.accountId;
    if (accountId !== undefined && ctx.oidc.params?.logout) {
      append(ctx, deps, { type: 'signout', accountId, clientId: ctx.oidc.client?.clientId });
      awaitBeforeAnswer(ctx.req, deps.tellApps(accountId, signedOutOf(ctx)));
    }
  });
  provider.on('grant.revoked', (ctx) => {
    if (ctx.oidc.route !== 'revocation' || ctx.oidc.client === undefined) return;
    append(ctx, deps, {
      type: 'token.revoked',
      clientId: ctx.oidc.client.clientId,
      accountId: (ctx.oidc.entities.RefreshToken ?? ctx.oidc.entities.AccessToken)?.accountId,
    });
  });
}

/** Apps that the session which has just ended was signed in to. */
function signedOutOf({ oidc: { session } }: KoaContextWithOIDC): { clientId: string; sid: string | null }[] {
  return Object.entries(session?.authorizations ?? {}).flatMap(([clientId, { grantId, sid }]) =>
    grantId === undefined ? [] : [{ clientId, sid: sid ?? null }],
  );
}

/** A token that a service got for itself has no grant whose end the engine would tell. */
function noteServiceTokens(provider: Provider, deps: EventDeps): void {
  provider.on('client_credentials.destroyed', () => {
    const ctx = Provider.ctx;
    const clientId = ctx?.oidc.client?.clientId;
    if (ctx !== undefined && clientId !== undefined) append(ctx, deps, { type: 'token.revoked', clientId });
  });
}

function append(ctx: KoaContextWithOIDC, deps: EventDeps, event: AuditEvent): void {
  awaitBeforeAnswer(ctx.req, deps.audit.append(event, actorOf(ctx)));
}

/** Who asks, as far as the engine has found out. */
export function actorOf(ctx: KoaContextWithOIDC): Actor {
  const { session, client } = ctx.oidc ?? {};
  const accountId = session?.accountId;
  const clientId = client?.clientId;
  const origin = {
    ip: ctx.ip,
    userAgent: ctx.get('user-agent'),
    requestId: ctx.response.get('x-request-id'),
  };
  if (session !== undefined && accountId !== undefined) {
    const who = actorFor(accountId, readSupportMark(session.amr));
    return { ...who, clientId, sessionId: sessionIdOf(session.uid), ...origin };
  }
  if (clientId !== undefined) return { kind: 'client', id: clientId, clientId, ...origin };
  return { kind: 'anonymous', ...origin };
}

function refusalEvent(
  event: string,
  endpoint: string,
  ctx: KoaContextWithOIDC,
  error: EngineError,
): AuditEvent {
  const clientId = ctx.oidc?.client?.clientId;
  const reason = error.error ?? 'error';
  if (event === 'authorization.error') return { type: event, clientId, reason };
  if (event !== 'grant.error') return { type: 'protocol.error', clientId, endpoint, reason };
  if (error.error_detail === 'authorization code already consumed') {
    return { type: 'code.replay', clientId, accountId: presentedCode(ctx.req)?.accountId };
  }
  if (isReuse(ctx, error)) {
    return { type: 'refresh.reuse', clientId, accountId: ctx.oidc.entities.RefreshToken?.accountId };
  }
  return { type: event, clientId, reason };
}

/**
 * Refresh tokens live on while a browser session idles away, but a sign-out ends them: unless the person granted
 * `offline_access`, the engine's note that they survive it is taken back (OIDC Core 11).
 */
function endWithSignOut(ctx: KoaContextWithOIDC): void {
  const { session, client, entities } = ctx.oidc;
  if (
    session === undefined ||
    client === undefined ||
    entities.AuthorizationCode?.scopes.has('offline_access')
  )
    return;
  const authorization = session.authorizationFor(client.clientId) as { persistsLogout?: boolean };
  delete authorization.persistsLogout;
}
