import { hash as digestOf, timingSafeEqual } from 'node:crypto';
import type { ClientSecret } from './client.ts';

/** How a client's secret is stored. Of 256 random bits a plain SHA-256 cannot be guessed back; a slow hash would only be a burden. */
export function hashSecret(secret: string): string {
  return digestOf('sha256', secret, 'base64url');
}

/** What has to be known of a secret to judge one that is presented. */
export type SecretOnFile = Pick<ClientSecret, 'hash' | 'expiresAt'>;

/**
 * Whether `presented` is one of the secrets that are alive at `now`. Compares with every one of them in constant time
 * (RFC 9700 2.5), so that the answer's time tells neither which one matched nor how far.
 */
export function matchesSecret(presented: string, secrets: readonly SecretOnFile[], now: Date): boolean {
  const given = digestOf('sha256', presented, 'buffer');
  let matches = false;
  for (const { hash, expiresAt } of secrets) {
    const stored = Buffer.from(hash, 'base64url');
    const same = stored.length === given.length && timingSafeEqual(stored, given);
    if (same && (expiresAt === null || expiresAt > now)) matches = true;
  }
  return matches;
}
