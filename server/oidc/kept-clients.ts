import type { AdapterPayload, Client, default as Provider } from 'oidc-provider';

/**
 * The engine makes an object of a client's metadata and keeps it by a hash of them, which it reckons at every request. What
 * is read of clients is the same thing in memory until one of them changes, so that tells as well what object belongs to it.
 */
export function installKeptClients(
  provider: Provider,
  read: (clientId: string) => Promise<AdapterPayload | undefined>,
): void {
  const known = new WeakMap<AdapterPayload, Client>();
  const find = provider.Client.find.bind(provider.Client);
  provider.Client.find = async (clientId) => {
    // The engine's own calls may come without one.
    const metadata = typeof clientId === 'string' ? await read(clientId) : undefined;
    if (metadata === undefined) return undefined;
    const kept = known.get(metadata);
    if (kept !== undefined) return kept;
    const client = await find(clientId);
    if (client !== undefined) known.set(metadata, client);
    return client;
  };
}
