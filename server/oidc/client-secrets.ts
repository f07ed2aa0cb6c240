import { createHash, timingSafeEqual } from 'node:crypto';
import type { default as Provider } from 'oidc-provider';
import type { ClientSecret } from '../clients/client.ts';

/** Stands where the engine expects a secret of a client that has none alive; matches nothing. */
const noSecret = 'none';

/** The hashes of a client's secrets, with their ends, in the place where the engine keeps the one secret. */
export function encodeSecrets(secrets: readonly ClientSecret[]): string {
  if (secrets.length === 0) return noSecret;
  return secrets
    .map(({ hash, expiresAt }) => `${hash}:${expiresAt === null ? '' : expiresAt.getTime()}`)
    .join(' ');
}

/** Whether `presented` is one of the encoded secrets and that one is alive. Compares with all of them, in constant time. */
export function matchesEncoded(presented: string, encoded: string, now: number): boolean {
  const hash = createHash('sha256').update(presented).digest();
  let matches = false;
  for (const entry of encoded.split(' ')) {
    const [stored = '', end = ''] = entry.split(':');
    const expected = Buffer.from(stored, 'base64url');
    const same = expected.length === hash.length && timingSafeEqual(expected, hash);
    if (same && (end === '' || Number(end) > now)) matches = true;
  }
  return matches;
}

/** The engine compares one secret in the clear; ours are several, and hashed. */
export function installSecretComparison(provider: Provider): void {
  provider.Client.prototype.compareClientSecret = async function compare(actual: string): Promise<boolean> {
    return matchesEncoded(actual, this.clientSecret ?? noSecret, Date.now());
  };
}
