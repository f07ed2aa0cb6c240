import type { ResourceServerStore } from './resource-server-store.ts';

/** The store, calling `changed` for every write by which a resource server that somebody may know becomes another one. */
export function announcingResourceServers(
  servers: ResourceServerStore,
  changed: () => void,
): ResourceServerStore {
  /** A write that failed may have been done all the same. */
  const told = async <T>(write: Promise<T>): Promise<T> => write.finally(changed);
  return {
    ...servers,
    update: (server, expectedVersion) => told(servers.update(server, expectedVersion)),
    delete: (id, expectedVersion) => told(servers.delete(id, expectedVersion)),
  };
}
