import { adminRole } from '../accounts/role-store.ts';
import type { AccountStore } from '../accounts/store.ts';
import type { Actor } from '../audit/event.ts';
import { adminAudience, expandScopes } from '../clients/resource-servers.ts';
import type { ClientStore } from '../clients/store.ts';
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

export interface AuthorizeDeps {
  issuer: string;
  verifyAccessToken: VerifyAccessToken;
  clients: Pick<ClientStore, 'find'>;
  accounts: Pick<AccountStore, 'find'>;
}

/**
 * Who calls, by the bearer token in the Authorization header. Tokens in the query, in a form, or in a cookie are not looked
 * at (RFC 6750 2.3, 5.3). What was taken from client or person since the token was made counts at once.
 */
export const makeAuthorize =
  (deps: AuthorizeDeps) =>
  async (ctx: PageContext): Promise<Authorization> => {
    const stranger = actorOf(ctx);
    const header = ctx.get('authorization');
    if (header === '') return { kind: 'unauthenticated', reason: 'no_token', actor: stranger };
    const [, token] = bearer.exec(header) ?? [];
    const verdict =
      token === undefined ? ({ kind: 'invalid' } as const) : await deps.verifyAccessToken(token);
    // RFC 9449 7.1: a token that is bound to a key is worth nothing without the proof, which is not asked for here.
    if (verdict.kind === 'invalid' || verdict.claims.cnf !== undefined) {
      return { kind: 'unauthenticated', reason: 'invalid_token', actor: stranger };
    }
    const { claims } = verdict;
    const actor = actorOfToken(stranger, claims);
    if (claims.aud !== adminAudience(deps.issuer)) {
      return { kind: 'unauthenticated', reason: 'wrong_audience', actor };
    }
    const scopes = await findPresentScopes(deps, claims);
    if (scopes === undefined) return { kind: 'unauthenticated', reason: 'invalid_token', actor };
    return { kind: 'authorized', caller: { actor, scopes } };
  };

/** The token's scopes, as far as its holder may still have them; undefined when client or person is no more. */
async function findPresentScopes(
  { clients, accounts }: AuthorizeDeps,
  claims: AccessTokenClaims,
): Promise<ReadonlySet<string> | undefined> {
  const granted = expandScopes(claims.scope.split(' '));
  const client = await clients.find(claims.client_id);
  if (client === undefined) return undefined;
  if (isService(claims)) {
    const registered = expandScopes((client.metadata.scope ?? '').split(' '));
    return new Set([...granted].filter((scope) => registered.has(scope)));
  }
  const account = await accounts.find(claims.sub);
  if (account?.status !== 'active') return undefined;
  return account.roles.includes(adminRole) ? granted : new Set();
}

/** The challenge that goes with a 401 or 403 (RFC 6750 3): no reason for who sent no token at all. */
export function challenge(issuer: string, refusal: 'no_token' | 'invalid_token' | { scope: string }): string {
  const realm = `Bearer realm="${adminAudience(issuer)}"`;
  if (refusal === 'no_token') return realm;
  if (refusal === 'invalid_token') return `${realm}, error="invalid_token"`;
  return `${realm}, error="insufficient_scope", scope="${refusal.scope}"`;
}

/** RFC 9068 2.2: the subject of a token that no person is behind is the client itself. */
const isService = ({ sub, client_id: clientId }: AccessTokenClaims): boolean => sub === clientId;

function actorOfToken(stranger: Actor, claims: AccessTokenClaims): Actor {
  const kind = isService(claims) ? 'client' : 'account';
  return { ...stranger, kind, id: claims.sub, clientId: claims.client_id };
}
