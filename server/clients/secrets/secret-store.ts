import type { Client, ClientSecret } from '../client.ts';
import type { SecretUse } from './secret-uses.ts';

export interface SecretQuery {
  limit: number;
  /** `next` of the page before, in the order (createdAt, id). Any other text is refused as invalid_cursor. */
  after?: string | undefined;
}

/** The secrets of clients, as operators see to them. */
export interface ClientSecretStore {
  list(clientId: string, query: SecretQuery): Promise<{ items: ClientSecret[]; next: string | null }>;
  find(clientId: string, id: string): Promise<ClientSecret | undefined>;
  /**
   * The client with all of its secrets, alive or not, oldest first. MUST keep everybody else from changing the client or its
   * secrets until the open transaction has ended, so that what is decided by them holds.
   */
  hold(clientId: string): Promise<{ client: Client; secrets: ClientSecret[] } | undefined>;
  insert(secret: ClientSecret): Promise<void>;
  /** Writes expiresAt and description. */
  update(secret: Pick<ClientSecret, 'id' | 'clientId' | 'expiresAt' | 'description'>): Promise<void>;
  delete(clientId: string, ids: readonly string[]): Promise<void>;
  /** As SecretUses asks for it. */
  noteUses(uses: readonly SecretUse[]): Promise<void>;
}

/** The store, calling `changed` for every write by which another secret is good. */
export function announcingSecrets(secrets: ClientSecretStore, changed: () => void): ClientSecretStore {
  /** A write that failed may have been done all the same. */
  const told = async (write: Promise<void>): Promise<void> => write.finally(changed);
  return {
    ...secrets,
    insert: (secret) => told(secrets.insert(secret)),
    update: (secret) => told(secrets.update(secret)),
    delete: (clientId, ids) => told(secrets.delete(clientId, ids)),
  };
}
