import type { Actor } from '../audit/event.ts';
import { adminAudience, expandScopes } from '../clients/resource-servers.ts';
import { AppError } from '../errors.ts';
import type { PageContext } from '../http/context.ts';
import { actorOf } from '../http/page-context.ts';

/** What this API needs to know of a token that is valid (RFC 9068 2.2). */
export interface AccessTokenClaims {
  sub: string;
  client_id: string;
  scope: string;
  aud: string;
  iss: string;
  jti: string;
  exp: number;
  /** RFC 7800: the token is bound to a key, so whoever bears it must prove that key. */
  cnf?: unknown;
}

/** MUST accept only access tokens of ours (RFC 9068 4): type, key, issuer, lifetime, one audience, whichever that is. */
export type VerifyAccessToken = (
  token: string,
) => Promise<{ kind: 'valid'; claims: AccessTokenClaims } | { kind: 'invalid' }>;

/** Who calls, and what the token allows. */
export interface Caller {
  actor: Actor;
  scopes: ReadonlySet<string>;
}

export type Authorization =
  | { kind: 'authorized'; caller: Caller }
  | { kind: 'unauthenticated'; reason: 'no_token' | 'invalid_token' | 'wrong_audience'; actor: Actor };

/** RFC 6750 2.1 `b64token`, after a scheme in any casing (RFC 9110 11.1). */
const bearer = /^bearer +([A-Za-z0-9\-._~+/]+=*)$/i;

/** The token lacks a scope. Carries which one, for the challenge. */
export class InsufficientScope extends AppError {
  readonly scope: string;

  constructor(scope: string) {
    super('insufficient_scope', { message: `The access token lacks the scope ${scope}.` });
    this.scope = scope;
  }
}

/** @throws InsufficientScope */
export function requireScope({ scopes }: Caller, scope: string): void {
  if (!scopes.has(scope)) throw new InsufficientScope(scope);
}

/**
 * Who calls, by the bearer token in the Authorization header. Tokens in the query, in a form, or in a cookie are not looked
 * at (RFC 6750 2.3, 5.3).
 */
export const makeAuthorize =
  ({ issuer, verifyAccessToken }: { issuer: string; verifyAccessToken: VerifyAccessToken }) =>
  async (ctx: PageContext): Promise<Authorization> => {
    const stranger = actorOf(ctx);
    const header = ctx.get('authorization');
    if (header === '') return { kind: 'unauthenticated', reason: 'no_token', actor: stranger };
    const [, token] = bearer.exec(header) ?? [];
    const verdict = token === undefined ? ({ kind: 'invalid' } as const) : await verifyAccessToken(token);
    // RFC 9449 7.1: a token that is bound to a key is worth nothing without the proof, which is not asked for here.
    if (verdict.kind === 'invalid' || verdict.claims.cnf !== undefined) {
      return { kind: 'unauthenticated', reason: 'invalid_token', actor: stranger };
    }
    const { claims } = verdict;
    const actor = actorOfToken(stranger, claims);
    if (claims.aud !== adminAudience(issuer)) {
      return { kind: 'unauthenticated', reason: 'wrong_audience', actor };
    }
    return { kind: 'authorized', caller: { actor, scopes: expandScopes(claims.scope.split(' ')) } };
  };

/** The challenge that goes with a 401 or 403 (RFC 6750 3): no reason for who sent no token at all. */
export function challenge(issuer: string, refusal: 'no_token' | 'invalid_token' | { scope: string }): string {
  const realm = `Bearer realm="${adminAudience(issuer)}"`;
  if (refusal === 'no_token') return realm;
  if (refusal === 'invalid_token') return `${realm}, error="invalid_token"`;
  return `${realm}, error="insufficient_scope", scope="${refusal.scope}"`;
}

/** RFC 9068 2.2: the subject of a token that no person is behind is the client itself. */
function actorOfToken(stranger: Actor, { sub, client_id: clientId }: AccessTokenClaims): Actor {
  return { ...stranger, kind: sub === clientId ? 'client' : 'account', id: sub, clientId };
}
