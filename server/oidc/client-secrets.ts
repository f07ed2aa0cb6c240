import type { default as Provider } from 'oidc-provider';
import type { ClientSecret } from '../clients/client.ts';
import { judgeSecret, type SecretOnFile } from '../clients/secret.ts';
import { guardSecret, type SecretGuardDeps } from './secret-guard.ts';

/** Stands where the engine expects a secret of a client that has none alive; matches nothing. */
const noSecret = 'none';

/** The hashes of a client's secrets, with their ends, in the place where the engine keeps the one secret. */
export function encodeSecrets(secrets: readonly ClientSecret[]): string {
  if (secrets.length === 0) return noSecret;
  return secrets
    .map(({ id, hash, expiresAt }) => `${hash}:${expiresAt === null ? '' : expiresAt.getTime()}:${id}`)
    .join(' ');
}

function decodeSecrets(encoded: string): SecretOnFile[] {
  return encoded.split(' ').map((entry) => {
    const [hash = '', end = '', id = ''] = entry.split(':');
    return { id, hash, expiresAt: end === '' ? null : new Date(Number(end)) };
  });
}

/** The engine compares one secret in the clear; ours are several, and hashed. */
export function installSecretComparison(provider: Provider, guard: SecretGuardDeps): void {
  provider.Client.prototype.compareClientSecret = async function compare(actual: string): Promise<boolean> {
    // crash point: client_found
    const secrets = decodeSecrets(this.clientSecret ?? noSecret);
    return guardSecret(guard, this.clientId, () => judgeSecret(actual, secrets, new Date()));
  };
}
