import { AppError } from '../../errors.ts';
import { InsufficientScope } from './caller.ts';

/** The person must have signed in more recently, or more strongly (RFC 9470). Carries what would do. */
export class InsufficientAuthentication extends AppError {
  /** Seconds since the sign-in, at most. */
  readonly maxAge: number | undefined;
  readonly acrValues: string | undefined;

  constructor(needed: { maxAge?: number; acrValues?: string }) {
    super('insufficient_user_authentication');
    this.maxAge = needed.maxAge;
    this.acrValues = needed.acrValues;
  }
}

export interface ChallengeSurroundings {
  audience: string;
  /** How the token came. */
  scheme: 'Bearer' | 'DPoP';
  /** By which proofs may be signed. */
  algorithms: string;
}

/**
 * The challenge that goes with a 401 or 403 (RFC 6750 3, RFC 9449 7.1, RFC 9470 3): no reason for who sent no token at all, who
 * is told both ways.
 *
 * @param refusal `no_token`, `invalid_token`, `invalid_dpop_proof`, or what was thrown
 *
 * @returns nothing where a refusal has none
 */
export function challengeFor(
  { audience, scheme, algorithms }: ChallengeSurroundings,
  refusal: unknown,
): string | undefined {
  const algs = `algs="${algorithms}"`;
  const other = scheme === 'Bearer' ? `, DPoP ${algs}` : '';
  const realm = `${scheme} realm="${audience}"${scheme === 'DPoP' ? `, ${algs}` : ''}`;
  if (refusal === 'no_token') return `${realm}${other}`;
  if (refusal === 'invalid_token' || refusal === 'invalid_dpop_proof')
    return `${realm}, error="${refusal}"${other}`;
  if (refusal instanceof InsufficientScope)
    return `${realm}, error="insufficient_scope", scope="${refusal.scope}"`;
  if (refusal instanceof InsufficientAuthentication) {
    const { maxAge, acrValues } = refusal;
    return [
      `${realm}, error="insufficient_user_authentication"`,
      ...(acrValues === undefined ? [] : [`acr_values="${acrValues}"`]),
      ...(maxAge === undefined ? [] : [`max_age="${maxAge}"`]),
    ].join(', ');
  }
  return undefined;
}
