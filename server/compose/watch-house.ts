import type { Metrics } from '../http/management.ts';
import type { House } from './house.ts';
import type { Storage } from './storage.ts';

export interface WatchHouseDeps {
  metrics: Pick<Metrics, 'gauge'>;
  storage: Storage;
  house: House;
}

/** What operators want to see of this process before it hurts. */
export function watchHouse({ metrics, storage, house }: WatchHouseDeps): void {
  const { database } = storage;
  metrics.gauge('gatehouse_database_connections_used', 'Connections in use.', () => database.pool().used);
  metrics.gauge(
    'gatehouse_database_callers_waiting',
    'Callers that wait for a connection.',
    () => database.pool().waiting,
  );
  metrics.gauge('gatehouse_hashes_running', 'Passwords being hashed.', () => house.queue.running);
  metrics.gauge(
    'gatehouse_hashes_waiting',
    'Passwords that wait for being hashed.',
    () => house.queue.waiting,
  );
}
