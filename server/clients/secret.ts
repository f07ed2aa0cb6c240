import { hash as digestOf, timingSafeEqual } from 'node:crypto';
import type { ClientSecret } from './client.ts';

/** How a client's secret is stored. Of 256 random bits a plain SHA-256 cannot be guessed back; a slow hash would only be a burden. */
export function hashSecret(secret: string): string {
  return digestOf('sha256', secret, 'base64url');
}

/** What has to be known of a secret to judge one that is presented. */
export type SecretOnFile = Pick<ClientSecret, 'id' | 'hash' | 'expiresAt'>;

/** Whether a secret is good at `now`. */
export const isAlive = ({ expiresAt }: Pick<SecretOnFile, 'expiresAt'>, now: Date): boolean =>
  expiresAt === null || expiresAt > now;

/** What a presented secret is. Whoever presents it learns no more than whether it is good; the rest is for operators. */
export type SecretVerdict =
  | { kind: 'matches'; secretId: string }
  | { kind: 'expired'; secretId: string; expiredAt: Date }
  | { kind: 'unknown' };

/**
 * Which of the secrets on file was presented, and whether it is alive at `now`. Compares with every one of them in constant
 * time (RFC 9700 2.5), so that the answer's time tells neither which one matched nor how far.
 */
export function judgeSecret(presented: string, secrets: readonly SecretOnFile[], now: Date): SecretVerdict {
  const given = digestOf('sha256', presented, 'buffer');
  let verdict: SecretVerdict = { kind: 'unknown' };
  for (const { id, hash, expiresAt } of secrets) {
    const stored = Buffer.from(hash, 'base64url');
    const same = stored.length === given.length && timingSafeEqual(stored, given);
    if (!same || verdict.kind === 'matches') continue;
    if (expiresAt === null || expiresAt > now) verdict = { kind: 'matches', secretId: id };
    else verdict = { kind: 'expired', secretId: id, expiredAt: expiresAt };
  }
  return verdict;
}
