import { StartError } from '../errors.ts';
import { type CreateClientDeps, insertWithSecret } from './create-client.ts';
import { parseClientMetadata } from './metadata.ts';
import { adminScopes } from './resource-servers.ts';
import type { ClientStore } from './store.ts';

export interface BootstrapClientDeps extends Omit<CreateClientDeps, 'clients' | 'accounts'> {
  clients: Pick<ClientStore, 'find' | 'insert' | 'insertSecret'>;
}

const system = { kind: 'system' } as const;

/**
 * Makes the operator's first service client, with every scope of the admin API, if no client has that id: so that an empty
 * installation can be filled by a program. Called at every start; later changes of the client are left alone.
 */
export const makeBootstrapClient =
  (deps: BootstrapClientDeps) =>
  async ({ id, secret }: { id: string; secret: string }): Promise<{ kind: 'created' | 'present' }> =>
    deps.inTransaction(async () => {
      if ((await deps.clients.find(id)) !== undefined) return { kind: 'present' };
      const now = deps.clock.now();
      const metadata = bootstrapMetadata();
      const client = { id, metadata, builtIn: false, createdAt: now, updatedAt: now, version: 1 };
      // Several processes may start at once: the database lets one of them write.
      const written = await insertWithSecret(deps, client, secret, system);
      return { kind: written.kind === 'written' ? 'created' : 'present' };
    });

export type BootstrapClient = ReturnType<typeof makeBootstrapClient>;

function bootstrapMetadata() {
  const outcome = parseClientMetadata({
    client_name: 'First service client',
    grant_types: ['client_credentials'],
    token_endpoint_auth_method: 'client_secret_basic',
    scope: adminScopes.map(({ name }) => name).join(' '),
  });
  if (outcome.kind === 'valid') return outcome.metadata;
  throw new StartError('The bootstrap client breaks the rules for clients.', 'Report this as a bug.');
}
