import { foldLoginName } from '../accounts/account.ts';
import { AppError } from '../errors.ts';
import type { ResourceServerQuery, ResourceServerStore } from './resource-server-store.ts';
import { builtInResourceServers, type ResourceServer } from './resource-servers.ts';

export interface KnownResourceServersDeps {
  issuer: string;
  resourceServers: Pick<ResourceServerStore, 'find' | 'list'>;
}

/** All resource servers as operators see them: this server's own first, then those that operators have made, oldest first. */
export function makeAllResourceServers({ issuer, resourceServers }: KnownResourceServersDeps) {
  const own = builtInResourceServers(issuer);
  return {
    find: async (id: string): Promise<ResourceServer | undefined> =>
      own.find((server) => server.id === id) ?? (await resourceServers.find(id)),

    /** @throws AppError invalid_cursor for an `after` that no page gave out */
    async list({ limit, after, search }: ResourceServerQuery) {
      const place = readPlace(after, own.length);
      const first = place.kind === 'own' ? own.filter(beginsWith(search)).slice(place.from) : [];
      const items = first.slice(0, limit);
      if (first.length > limit) return { items, next: ownPlace(own, items.at(-1), search) };
      // Asks for one at least, to know whether there is a page after this one.
      const room = limit - items.length;
      const made = await resourceServers.list({
        limit: Math.max(1, room),
        after: place.kind === 'made' ? place.after : undefined,
        search,
      });
      if (room > 0) return { items: [...items, ...made.items], next: made.next };
      return { items, next: made.items.length > 0 ? `own.${own.length}` : null };
    },
  };
}

export type AllResourceServers = ReturnType<typeof makeAllResourceServers>;

type Place = { kind: 'own'; from: number } | { kind: 'made'; after: string };

function readPlace(after: string | undefined, most: number): Place {
  if (after === undefined) return { kind: 'own', from: 0 };
  const [, number] = /^own\.(\d{1,3})$/.exec(after) ?? [];
  if (number === undefined) return { kind: 'made', after };
  if (Number(number) > most) throw new AppError('invalid_cursor');
  return { kind: 'own', from: Number(number) };
}

/** How many of those that fit the search come before the next page. */
function ownPlace(
  own: readonly ResourceServer[],
  last: ResourceServer | undefined,
  search: string | undefined,
): string {
  const fitting = own.filter(beginsWith(search));
  return `own.${last === undefined ? 0 : fitting.indexOf(last) + 1}`;
}

const beginsWith =
  (search: string | undefined) =>
  ({ name, resource }: ResourceServer): boolean => {
    const start = foldLoginName(search ?? '');
    return foldLoginName(name).startsWith(start) || resource.toLowerCase().startsWith(start);
  };
