import type { Adapter, AdapterPayload } from 'oidc-provider';
import type { ClientStore } from '../clients/store.ts';
import { engineMetadata } from './client-metadata.ts';

/** How long another process may still see a client as it was before a change, in milliseconds. */
const freshFor = 1000;
/** Clients kept at once; the oldest goes first. */
const most = 1000;

interface Entry {
  until: number;
  found: AdapterPayload;
}

/** Clients for the engine, read-only: they are written by the admin API alone. Kept for a second, since every request asks. */
export function makeClientReader(clients: Pick<ClientStore, 'findWithSecrets'>, now: () => number) {
  const kept = new Map<string, Entry>();
  return {
    async find(id: string): Promise<AdapterPayload | undefined> {
      const entry = kept.get(id);
      if (entry !== undefined && entry.until > now()) return entry.found;
      kept.delete(id);
      // No client_id has a NUL, and PostgreSQL would fail on one.
      const row = id.includes('\0') ? undefined : await clients.findWithSecrets(id);
      if (row === undefined) return undefined;
      const found = engineMetadata(row.client, row.secrets) as AdapterPayload;
      if (kept.size >= most) kept.delete(kept.keys().next().value ?? '');
      kept.set(id, { until: now() + freshFor, found });
      return found;
    },
    /** Called when this process has changed the client. */
    forget(id: string): void {
      kept.delete(id);
    },
  };
}

export type ClientReader = ReturnType<typeof makeClientReader>;

/** The store, telling the reader of every change that goes through it. */
export function tellingReader(clients: ClientStore, reader: Pick<ClientReader, 'forget'>): ClientStore {
  return {
    ...clients,
    async update(client, expectedVersion) {
      const outcome = await clients.update(client, expectedVersion);
      reader.forget(client.id);
      return outcome;
    },
    async delete(id, expectedVersion) {
      const deleted = await clients.delete(id, expectedVersion);
      reader.forget(id);
      return deleted;
    },
    async insertSecret(secret) {
      await clients.insertSecret(secret);
      reader.forget(secret.clientId);
    },
    async deleteSecrets(clientId) {
      await clients.deleteSecrets(clientId);
      reader.forget(clientId);
    },
  };
}

/** The engine's adapter for clients. */
export function clientAdapter(reader: ClientReader): Adapter {
  const refuse = async (): Promise<never> => {
    throw new Error('clients are changed through the admin API only');
  };
  return {
    find: (id) => reader.find(id),
    findByUid: refuse,
    findByUserCode: refuse,
    upsert: refuse,
    consume: refuse,
    destroy: refuse,
    revokeByGrantId: refuse,
  };
}
