import type { ChangeFeed } from '../changes/feed.ts';
import { keep } from '../changes/kept.ts';
import type { ResourceServerStore } from '../clients/resource-server-store.ts';
import { builtInResourceServers, type ResourceServer } from '../clients/resource-servers.ts';
import { longestResource } from '../clients/resource-uri.ts';

/** Resource servers kept at once. */
const most = 1000;

/** A resource server by its audience, exactly as it is spelled; the same object as long as nothing about it has changed. */
export type FindResourceServer = (resource: string) => Promise<ResourceServer | undefined>;

/**
 * Resource servers for whoever gives out tokens. This server's own are always there; the others are kept in memory, since
 * every token request for one asks, and what anybody changes is seen within a second.
 */
export function makeResourceServerReader(
  issuer: string,
  servers: Pick<ResourceServerStore, 'findByResource'>,
  feed: ChangeFeed,
): { find: FindResourceServer } {
  const own = new Map(builtInResourceServers(issuer).map((server) => [server.resource, server]));
  const kept = keep<ResourceServer>({
    feed,
    topic: 'resource_server',
    most,
    now: () => performance.now(),
    // None has such a name, and PostgreSQL would fail on a NUL.
    read: async (resource) =>
      resource.length > longestResource || resource.includes('\0')
        ? undefined
        : servers.findByResource(resource),
  });
  return { find: async (resource) => own.get(resource) ?? kept.get(resource) };
}
