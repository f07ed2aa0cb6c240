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

/**
 * The challenge that goes with a 401 or 403 (RFC 6750 3, RFC 9470 3): no reason for who sent no token at all.
 *
 * @param refusal `no_token`, `invalid_token`, or what was thrown
 *
 * @returns nothing where a refusal has none
 */
export function challengeFor(audience: string, refusal: unknown): string | undefined {
  const realm = `Bearer realm="${audience}"`;
  if (refusal === 'no_token') return realm;
  if (refusal === 'invalid_token') return `${realm}, error="invalid_token"`;
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
