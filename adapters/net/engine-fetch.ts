import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { makeAllowList } from './allowed.ts';

type EngineFetch = typeof fetch;

/**
 * The engine's fetches to addresses that clients have given. The engine hands over a dispatcher that cuts connections to
 * special-use addresses; it is left out only for hosts on the operator's allow-list (GATEHOUSE_FETCH_ALLOW). Redirects
 * are never followed, since they would lead around the list.
 *
 * @param allow host names, and networks with their prefix length
 */
export function makeEngineFetch(allow: readonly string[]): EngineFetch {
  const list = makeAllowList(allow);
  const isAllowed = async (host: string): Promise<boolean> => {
    if (list.hasName(host)) return true;
    const literal = host.replace(/^\[|\]$/g, '');
    if (isIP(literal) !== 0) return list.hasAddress(literal);
    const found = await lookup(host, { all: true });
    return found.length > 0 && found.every(({ address }) => list.hasAddress(address));
  };
  return async (url, options) => {
    const target = url instanceof Request ? url.url : String(url);
    // The engine's guard; not part of the standard's options, so the types do not know it.
    const { dispatcher, ...plain }: RequestInit & { dispatcher?: unknown } = options ?? {};
    const guarded = !(await isAllowed(new URL(target).hostname));
    return fetch(target, { ...plain, redirect: 'manual', ...(guarded ? { dispatcher } : {}) } as RequestInit);
  };
}
