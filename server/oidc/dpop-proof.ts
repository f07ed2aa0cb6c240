import { createHash, timingSafeEqual } from 'node:crypto';
import { calculateJwkThumbprint, EmbeddedJWK, errors, type JWTVerifyResult, jwtVerify } from 'jose';
import { z } from 'zod';
import type { PresentedProof, ProofCheck } from '../http/api/caller.ts';
import { enabledJWA } from './algorithms.ts';

/** Seconds by which `iat` may differ from our time, as at the endpoints of the engine. */
const window = 300;
const longestProof = 8192;

const claimsOfProof = z.looseObject({
  jti: z.string().min(1).max(512),
  htm: z.string(),
  htu: z.string(),
  iat: z.number(),
  ath: z.string(),
});

export interface ProofCheckDeps {
  issuer: string;
  /** Whether this identifier is seen for the first time; one statement. */
  seenOnce(issuer: string, id: string, expiresAt: number): Promise<boolean>;
  now: () => Date;
}

/**
 * Checks proofs that go with access tokens at our own APIs (RFC 9449 4.3, 7.1): type, algorithm, a public key in the header
 * that has signed it and that the token is bound to, method and address of this request, time, hash of the token, and that
 * the proof was not seen before, in whichever process. Nonces are not given out.
 */
export function makeProofCheck({ issuer, seenOnce, now }: ProofCheckDeps): ProofCheck {
  const algorithms = [...(enabledJWA.dPoPSigningAlgValues ?? [])];
  const { origin } = new URL(issuer);

  async function read(proof: string): Promise<JWTVerifyResult | undefined> {
    if (proof.length > longestProof) return undefined;
    try {
      return await jwtVerify(proof, EmbeddedJWK, { algorithms, typ: 'dpop+jwt', currentDate: now() });
    } catch (error) {
      // What is no key at all makes the platform throw errors of its own.
      if (error instanceof errors.JOSEError || error instanceof TypeError || error instanceof DOMException)
        return undefined;
      throw error;
    }
  }

  return {
    algorithms: algorithms.join(' '),
    async isGood({ proof, method, path, token, jkt, clientId }: PresentedProof): Promise<boolean> {
      const verified = await read(proof);
      const claims = claimsOfProof.safeParse(verified?.payload).data;
      const { jwk } = verified?.protectedHeader ?? {};
      if (claims === undefined || jwk === undefined) return false;
      const isOfKey = isSame(await calculateJwkThumbprint(jwk), jkt);
      const isOfToken = isSame(claims.ath, createHash('sha256').update(token).digest('base64url'));
      const isOfRequest = claims.htm === method && isAddress(claims.htu, `${origin}${path}`);
      const isOfNow = Math.abs(now().getTime() / 1000 - claims.iat) <= window;
      if (!isOfKey || !isOfToken || !isOfRequest || !isOfNow) return false;
      return seenOnce(clientId, claims.jti, Math.ceil(claims.iat) + window + 1);
    },
  };
}

/** RFC 9449 4.3 step 9: after normalization, without query and fragment. */
function isAddress(htu: string, expected: string): boolean {
  const url = URL.parse(htu);
  if (url === null) return false;
  url.search = '';
  url.hash = '';
  return url.href === URL.parse(expected)?.href;
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one, 'utf8'), Buffer.from(other, 'utf8')];
  return a.length === b.length && timingSafeEqual(a, b);
}
