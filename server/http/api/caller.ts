import type { Actor } from '../../audit/event.ts';
import { AppError } from '../../errors.ts';
import { sessionIdOf } from '../../session-id.ts';
import type { PageContext } from '../context.ts';
import { actorOf } from '../page-context.ts';

/** What an API needs to know of a token that is valid (RFC 9068 2.2). */
export interface AccessTokenClaims {
  sub: string;
  client_id: string;
  scope: string;
  aud: string;
  iss: string;
  jti: string;
  exp: number;
  /** When the person signed in last, in seconds since 1970 (RFC 9068 2.2.1); none for a service. */
  auth_time?: number | undefined;
  acr?: string | undefined;
  /** The browser session in which a person's token began, as the engine names it. */
  sid?: string | undefined;
  /** The grant of a person's token. */
  grant_ref?: string | undefined;
  /** RFC 8693 4.1: an operator who acts for the person. */
  act?: { sub: string } | undefined;
  /** RFC 7800: the token is bound to a key, so whoever bears it must prove that key. */
  cnf?: { jkt?: string | undefined } | undefined;
}

/**
 * MUST accept only access tokens of ours (RFC 9068 4): type, key, issuer, lifetime, one audience, whichever that is; and none
 * that says more than its holder may do now.
 */
export type VerifyAccessToken = (
  token: string,
) => Promise<{ kind: 'valid'; claims: AccessTokenClaims } | { kind: 'invalid' | 'wider' }>;

/** Who calls, and what the token allows. */
export interface Caller {
  actor: Actor;
  scopes: ReadonlySet<string>;
  claims: AccessTokenClaims;
}

export type Authorization =
  | { kind: 'authorized'; caller: Caller }
  | {
      kind: 'unauthenticated';
      reason: 'no_token' | 'invalid_token' | 'invalid_dpop_proof' | 'wrong_audience';
      actor: Actor;
    };

/** A proof as it came with a token that is bound to a key (RFC 9449 7.1). */
export interface PresentedProof {
  /** The header field `DPoP`. */
  proof: string;
  method: string;
  /** Of the address that was asked for, as the client knows it. */
  path: string;
  token: string;
  /** Thumbprint of the key that the token is bound to. */
  jkt: string;
  clientId: string;
}

export interface ProofCheck {
  /** By which proofs may be signed, with spaces between them. */
  algorithms: string;
  /** MUST take each proof once, whichever process it comes to. */
  isGood(presented: PresentedProof): Promise<boolean>;
}

/** RFC 6750 2.1 `b64token`, RFC 9449 7.1 `token68`, after a scheme in any casing (RFC 9110 11.1). */
const credentials = /^(bearer|dpop) +([A-Za-z0-9\-._~+/]+=*)$/i;

/** How the token came, for the challenge. */
export const schemeOf = (ctx: PageContext): 'Bearer' | 'DPoP' =>
  /^dpop /i.test(ctx.get('authorization')) ? 'DPoP' : 'Bearer';

/** The token lacks a scope. Carries which one, for the challenge. */
export class InsufficientScope extends AppError {
  readonly scope: string;

  /** @param message what it was needed for, in words for whoever called */
  constructor(scope: string, message = `The access token lacks the scope ${scope}.`) {
    super('insufficient_scope', { message });
    this.scope = scope;
  }
}

/** @throws InsufficientScope */
export function requireScope({ scopes }: Pick<Caller, 'scopes'>, scope: string): void {
  if (!scopes.has(scope)) throw new InsufficientScope(scope);
}

export interface ReadCallerDeps {
  audience: string;
  verifyAccessToken: VerifyAccessToken;
  proofs: ProofCheck;
  /** The token's scopes, as far as its holder may still have them; undefined when client or person is no more. */
  findPresentScopes(claims: AccessTokenClaims): Promise<ReadonlySet<string> | undefined>;
}

/**
 * Who calls, by the token in the Authorization header; one that is bound to a key counts with a proof of that key only, and
 * no other one has a proof (RFC 9449 7.1, 7.2). Tokens in the query, in a form, or in a cookie are not looked
 * at (RFC 6750 2.3, 5.3). What was taken from client or person since the token was made counts at once.
 */
export const makeReadCaller =
  (deps: ReadCallerDeps) =>
  async (ctx: PageContext): Promise<Authorization> => {
    const stranger = actorOf(ctx);
    const header = ctx.get('authorization');
    if (header === '') return { kind: 'unauthenticated', reason: 'no_token', actor: stranger };
    const [, scheme, token] = credentials.exec(header) ?? [];
    const verdict =
      token === undefined ? ({ kind: 'invalid' } as const) : await deps.verifyAccessToken(token);
    if (token === undefined || verdict.kind !== 'valid')
      return { kind: 'unauthenticated', reason: 'invalid_token', actor: stranger };
    const reason = await reasonAgainst(deps.proofs, ctx, { token, scheme, claims: verdict.claims });
    if (reason !== undefined) return { kind: 'unauthenticated', reason, actor: stranger };
    const { claims } = verdict;
    const actor = actorOfToken(stranger, claims);
    if (claims.aud !== deps.audience) {
      return { kind: 'unauthenticated', reason: 'wrong_audience', actor };
    }
    const scopes = await deps.findPresentScopes(claims);
    if (scopes === undefined) return { kind: 'unauthenticated', reason: 'invalid_token', actor };
    return { kind: 'authorized', caller: { actor, scopes, claims } };
  };

/** Why a token that is valid does not count in the way in which it came. */
async function reasonAgainst(
  proofs: ProofCheck,
  ctx: PageContext,
  { token, scheme, claims }: { token: string; scheme: string | undefined; claims: AccessTokenClaims },
): Promise<'invalid_token' | 'invalid_dpop_proof' | undefined> {
  const isProven = scheme?.toLowerCase() === 'dpop';
  if (claims.cnf === undefined) return isProven ? 'invalid_token' : undefined;
  const jkt = claims.cnf.jkt;
  // Bound in another way, or presented as if it were not.
  if (jkt === undefined || !isProven) return 'invalid_token';
  const [path = ''] = ctx.originalUrl.split('?');
  const presented = {
    proof: ctx.get('dpop'),
    method: ctx.method,
    path,
    token,
    jkt,
    clientId: claims.client_id,
  };
  return (await proofs.isGood(presented)) ? undefined : 'invalid_dpop_proof';
}

/** RFC 9068 2.2: the subject of a token that no person is behind is the client itself. */
export const isService = ({ sub, client_id: clientId }: AccessTokenClaims): boolean => sub === clientId;

function actorOfToken(stranger: Actor, claims: AccessTokenClaims): Actor {
  const kind = isService(claims) ? 'client' : 'account';
  const { sub, client_id: clientId, sid, act } = claims;
  const who = act === undefined ? { id: sub } : { id: act.sub, onBehalfOf: sub };
  return { ...stranger, kind, ...who, clientId, sessionId: sid && sessionIdOf(sid) };
}
