import type { ClientStore } from './store.ts';

/** The store, calling `changed` for every write by which a client that somebody may know becomes another one. */
export function announcing(clients: ClientStore, changed: () => void): ClientStore {
  /** A write that failed may have been done all the same. */
  const told = async <T>(write: Promise<T>): Promise<T> => write.finally(changed);
  return {
    ...clients,
    update: (client, expectedVersion) => told(clients.update(client, expectedVersion)),
    delete: (id, expectedVersion) => told(clients.delete(id, expectedVersion)),
    insertSecret: (secret) => told(clients.insertSecret(secret)),
    deleteSecrets: (clientId) => told(clients.deleteSecrets(clientId)),
  };
}
