import { createLocalJWKSet, errors, type JWK, type JWTPayload, jwtVerify } from 'jose';
import { z } from 'zod';
import type { SigningKey } from '../keys/signing-key.ts';
import type { TokenRoot, TokenStanding } from '../sessions/token-standing.ts';
import type { IsWider } from './wider-tokens.ts';

/** What an access token of ours says (RFC 9068 2.2), beside what it may say on top of that. */
const claimsOfToken = z.looseObject({
  iss: z.string(),
  sub: z.string(),
  client_id: z.string(),
  aud: z.string(),
  scope: z.string().default(''),
  jti: z.string(),
  iat: z.number(),
  exp: z.number(),
  /** RFC 9068 2.2.1, of a person's token. */
  auth_time: z.number().optional(),
  acr: z.string().optional(),
  /** The browser session in which it began. */
  sid: z.string().optional(),
  /** RFC 8693 4.1: who acts for the person. */
  act: z.object({ sub: z.string() }).optional(),
  /** RFC 7800: the token is bound to a key. */
  cnf: z.looseObject({ jkt: z.string().optional() }).optional(),
  /** What the token hangs from; see token-claims.ts. */
  grant_ref: z.string().optional(),
});

export type AccessTokenClaims = z.output<typeof claimsOfToken>;

export type AccessTokenVerdict =
  | { kind: 'valid'; claims: AccessTokenClaims; root: TokenRoot }
  /** It says more than its holder may do now, and has ended with that; what it hangs from is there. */
  | { kind: 'wider'; claims: AccessTokenClaims; root: TokenRoot }
  | { kind: 'invalid' };

export type VerifyAccessToken = (token: string) => Promise<AccessTokenVerdict>;

export interface VerifyAccessTokenDeps {
  issuer: string;
  keys: readonly SigningKey[];
  standing: Pick<TokenStanding, 'stands'>;
  isWider: IsWider;
  now: () => Date;
}

/**
 * Verifies access tokens of ours by RFC 9068 4: type `at+jwt`, ES256, our key, our issuer, not expired, exactly one
 * audience, neither revoked nor hanging from something that has ended, nor wider than what its holder may do now. Whether the audience is the right one is the
 * caller's to say. Whoever accepts such a token asks here, so nobody can forget a part of it. Throws only on surprises,
 * such as a database that does not answer.
 */
export function makeVerifyAccessToken({
  issuer,
  keys,
  standing,
  isWider,
  now,
}: VerifyAccessTokenDeps): VerifyAccessToken {
  const keySet = createLocalJWKSet({
    keys: keys.filter(({ purpose }) => purpose === 'es256').map(({ jwk }) => publicPart(jwk)),
  });
  return async (token) => {
    if (!isCanonical(token)) return { kind: 'invalid' };
    const payload = await readSigned(() =>
      jwtVerify(token, keySet, { issuer, typ: 'at+jwt', algorithms: ['ES256'], currentDate: now() }),
    );
    const parsed = claimsOfToken.safeParse(payload);
    if (!parsed.success) return { kind: 'invalid' };
    const root = rootOf(parsed.data);
    const holder = root && (await standing.stands(root));
    if (root === undefined || holder === undefined) return { kind: 'invalid' };
    const kind = (await isWider(parsed.data, holder)) ? 'wider' : 'valid';
    return { kind, claims: parsed.data, root };
  };
}

async function readSigned(verify: () => Promise<{ payload: JWTPayload }>): Promise<JWTPayload | undefined> {
  try {
    return (await verify()).payload;
  } catch (error) {
    if (error instanceof errors.JOSEError) return undefined;
    throw error;
  }
}

/**
 * Whether each of the three parts is written as its bytes are written (RFC 4648 3.5, 5): decoders pass over white space and
 * over the bits that are left over at the end, and one token would have many spellings.
 */
function isCanonical(token: string): boolean {
  const parts = token.split('.');
  return (
    parts.length === 3 && parts.every((part) => Buffer.from(part, 'base64url').toString('base64url') === part)
  );
}

/** A service's own token names the client as its subject (RFC 9068 2.2); each other one has a grant. */
function rootOf({
  sub,
  client_id: clientId,
  grant_ref: ref,
  jti,
  exp,
}: AccessTokenClaims): TokenRoot | undefined {
  if (sub === clientId) return { kind: 'client', clientId, ref, jti, expiresAt: exp };
  return ref === undefined ? undefined : { kind: 'grant', grantId: ref };
}

function publicPart({ d: _private, ...jwk }: SigningKey['jwk']): JWK {
  return jwk;
}
