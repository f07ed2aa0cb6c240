import type { Adapter, AdapterPayload } from 'oidc-provider';
import type { ChangeFeed } from '../changes/feed.ts';
import { keep } from '../changes/kept.ts';
import type { ClientStore } from '../clients/store.ts';
import type { AttributeClaims } from './attribute-claims.ts';
import { engineMetadata } from './client-metadata.ts';

/** Clients kept at once. */
const most = 1000;

/**
 * Clients for the engine, read-only: they are written by the admin API alone. Kept in memory, since every request asks; what
 * anybody changes is seen within a second.
 */
export function makeClientReader(
  clients: Pick<ClientStore, 'findWithSecrets'>,
  feed: ChangeFeed,
  claims: Pick<AttributeClaims, 'refresh' | 'scopes'>,
) {
  const kept = keep<AdapterPayload>({
    feed,
    topic: ['client', 'user_attribute'],
    most,
    now: () => performance.now(),
    async read(id) {
      // No client_id has a NUL, and PostgreSQL would fail on one.
      const row = id.includes('\0') ? undefined : await clients.findWithSecrets(id);
      if (row === undefined) return undefined;
      // The engine refuses a client with a scope that it does not know.
      await claims.refresh();
      return engineMetadata(row, claims.scopes()) as AdapterPayload;
    },
  });
  return { find: kept.get, isKept: kept.isKept, counts: kept.counts };
}

export type ClientReader = ReturnType<typeof makeClientReader>;

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
