import { errors, type KoaContextWithOIDC, type default as Provider } from 'oidc-provider';
import type { AuditLog } from '../audit/event.ts';
import type { PageContext, PageMiddleware } from '../http/context.ts';
import type { TokenStanding } from '../sessions/token-standing.ts';
import type { InTransaction } from '../transaction.ts';
import type { AccessTokenClaims, VerifyAccessToken } from './access-token.ts';
import { actorOf } from './events.ts';
import { mayIntrospect } from './introspection.ts';
import type { IsGoodForAudience } from './resources.ts';

export interface UnstoredTokensDeps {
  verifyAccessToken: VerifyAccessToken;
  standing: Pick<TokenStanding, 'end'>;
  isGoodForAudience: IsGoodForAudience;
  audit: AuditLog;
  inTransaction: InTransaction;
  engine: () => Provider;
}

type EngineContext = PageContext & KoaContextWithOIDC;

/**
 * Directly around the engine: introspection (RFC 7662) and revocation (RFC 7009) of the access tokens that nobody stores,
 * our RFC 9068 JWTs. The engine asks who is calling and then refuses whatever has the form of a JWT; here such a request is
 * answered by the rules that hold for stored tokens. What is not an access token of ours, alive and theirs to ask about, is
 * `{"active":false}` or, at the revocation endpoint, done already.
 */
export function makeUnstoredTokens(deps: UnstoredTokensDeps): PageMiddleware {
  return async (ctx, next) => {
    await next();
    if (ctx.path === '/oauth2/introspect' && wasRefused(ctx)) await introspect(deps, ctx as EngineContext);
    if (ctx.path === '/oauth2/revoke' && wasRefused(ctx)) await revoke(deps, ctx as EngineContext);
  };
}

/** Whether the engine knew the client and would not take the token for its form. */
function wasRefused({ status, body }: PageContext): boolean {
  const error = typeof body === 'object' && body !== null && 'error' in body ? body.error : undefined;
  return status === 400 && error === 'unsupported_token_type';
}

async function introspect(
  { verifyAccessToken, isGoodForAudience }: UnstoredTokensDeps,
  ctx: EngineContext,
): Promise<void> {
  const { client, params } = ctx.oidc;
  const verdict = await verifyAccessToken(String(params?.token));
  const known =
    verdict.kind === 'valid' &&
    client !== undefined &&
    mayIntrospect(client, verdict.claims.client_id) &&
    (await isGoodForAudience({ ...verdict.claims, clientId: verdict.claims.client_id }));
  ctx.status = 200;
  ctx.body = known ? describe(verdict.claims) : { active: false };
}

/** RFC 7662 2.2: what the token itself says, and how it is to be used. */
function describe(claims: AccessTokenClaims): Record<string, unknown> {
  const isBound = typeof claims.cnf === 'object' && claims.cnf !== null && 'jkt' in claims.cnf;
  return { ...claims, active: true, token_type: isBound ? 'DPoP' : 'Bearer' };
}

/**
 * Ends the token and what came with it, as for a stored one (RFC 7009 2.1). Done when it was done before, or when there is
 * nothing to do; nobody can end the token of another client.
 */
async function revoke(deps: UnstoredTokensDeps, ctx: EngineContext): Promise<void> {
  const { client, params } = ctx.oidc;
  const verdict = await deps.verifyAccessToken(String(params?.token));
  ctx.status = 200;
  ctx.body = '';
  if (verdict.kind === 'invalid' || client === undefined) return;
  const { claims, root } = verdict;
  if (claims.client_id !== client.clientId)
    return client.clientAuthMethod === 'none' ? undefined : refuse(deps, ctx);
  await deps.inTransaction(async () => {
    if (!(await deps.standing.end(root))) return;
    const accountId = root.kind === 'grant' ? claims.sub : undefined;
    await deps.audit.append({ type: 'token.revoked', clientId: client.clientId, accountId }, actorOf(ctx));
  });
}

/** In the engine's own words for stored tokens. */
function refuse({ engine }: UnstoredTokensDeps, ctx: EngineContext): void {
  const error = new errors.InvalidRequest('client is not authorized to revoke the presented token');
  ctx.status = error.statusCode;
  ctx.body = { error: error.error, error_description: error.error_description };
  engine().emit('revocation.error', ctx, error);
}
