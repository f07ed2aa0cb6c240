import { lookup } from 'node:dns/promises';
import { BlockList, isIP, isIPv6 } from 'node:net';

type EngineFetch = typeof fetch;

/**
 * The engine's fetches to addresses that clients have given. The engine hands over a dispatcher that cuts connections to
 * special-use addresses; it is left out only for hosts on the operator's allow-list (GATEHOUSE_FETCH_ALLOW). Redirects
 * are never followed, since they would lead around the list.
 *
 * @param allow host names, and networks with their prefix length
 */
export function makeEngineFetch(allow: readonly string[]): EngineFetch {
  const names = new Set(allow.filter((entry) => !entry.includes('/')));
  const networks = new BlockList();
  for (const entry of allow) {
    const [address = '', prefix] = entry.split('/');
    if (prefix !== undefined) networks.addSubnet(address, Number(prefix), isIPv6(address) ? 'ipv6' : 'ipv4');
  }
  const isAllowedAddress = (address: string): boolean =>
    networks.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
  const isAllowed = async (host: string): Promise<boolean> => {
    if (names.has(host)) return true;
    const literal = host.replace(/^\[|\]$/g, '');
    if (isIP(literal) !== 0) return isAllowedAddress(literal);
    const found = await lookup(host, { all: true });
    return found.length > 0 && found.every(({ address }) => isAllowedAddress(address));
  };
  return async (url, options) => {
    const target = url instanceof Request ? url.url : String(url);
    // The engine's guard; not part of the standard's options, so the types do not know it.
    const { dispatcher, ...plain }: RequestInit & { dispatcher?: unknown } = options ?? {};
    const guarded = !(await isAllowed(new URL(target).hostname));
    return fetch(target, { ...plain, redirect: 'manual', ...(guarded ? { dispatcher } : {}) } as RequestInit);
  };
}
