import type { Clock } from '../clock.ts';
import type { Ids } from '../ids.ts';
import type { ClientSecret } from './client.ts';
import type { ClientMetadata } from './metadata.ts';
import { hashSecret } from './secret.ts';

/** Whether the client proves itself by a secret of ours. */
export function needsSecret(metadata: Pick<ClientMetadata, 'token_endpoint_auth_method'>): boolean {
  return metadata.token_endpoint_auth_method.startsWith('client_secret_');
}

/** The row of a secret, without end unless it is given one. */
export function newSecret(
  deps: { clock: Clock; ids: Ids },
  clientId: string,
  secret: string,
  given: Partial<Pick<ClientSecret, 'expiresAt' | 'description'>> = {},
): ClientSecret {
  return {
    id: deps.ids.id(),
    clientId,
    hash: hashSecret(secret),
    createdAt: deps.clock.now(),
    expiresAt: null,
    lastUsedAt: null,
    description: null,
    ...given,
  };
}
