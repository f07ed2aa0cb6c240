import { createLocalJWKSet, errors, type JWK, jwtVerify } from 'jose';
import type { SigningKey } from '../keys/signing-key.ts';

/** What our own APIs need to know of an access token that is valid (RFC 9068 2.2). */
export interface AccessTokenClaims {
  sub: string;
  client_id: string;
  scope: string;
  aud: string;
  iss: string;
  jti: string;
  exp: number;
  /** RFC 7800: the token is bound to a key. */
  cnf?: unknown;
}

export type AccessTokenVerdict = { kind: 'valid'; claims: AccessTokenClaims } | { kind: 'invalid' };

/**
 * Verifies access tokens of ours for our own APIs, by RFC 9068 4: type `at+jwt`, ES256, our key, our issuer, not expired,
 * and exactly one audience. Whether that audience is the right one is the caller's to say. Throws only on surprises.
 */
export function makeVerifyAccessToken(deps: {
  issuer: string;
  keys: readonly SigningKey[];
  now: () => Date;
}) {
  const keys = createLocalJWKSet({
    keys: deps.keys.filter(({ purpose }) => purpose === 'es256').map(({ jwk }) => publicPart(jwk)),
  });
  return async (token: string): Promise<AccessTokenVerdict> => {
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer: deps.issuer,
        typ: 'at+jwt',
        algorithms: ['ES256'],
        requiredClaims: ['sub', 'aud', 'exp', 'iat', 'jti', 'client_id'],
        currentDate: deps.now(),
      });
      const { sub, client_id, scope, aud, iss, jti, exp, cnf } = payload;
      if (typeof aud !== 'string' || typeof sub !== 'string' || typeof client_id !== 'string')
        return { kind: 'invalid' };
      if (iss === undefined || jti === undefined || exp === undefined) return { kind: 'invalid' };
      return {
        kind: 'valid',
        claims: { sub, client_id, scope: typeof scope === 'string' ? scope : '', aud, iss, jti, exp, cnf },
      };
    } catch (error) {
      if (error instanceof errors.JOSEError) return { kind: 'invalid' };
      throw error;
    }
  };
}

function publicPart({ d: _private, ...jwk }: SigningKey['jwk']): JWK {
  return jwk;
}
