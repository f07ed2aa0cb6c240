import { lookup } from 'node:dns/promises';
import { BlockList, isIP, isIPv6 } from 'node:net';

type EngineFetch = (url: string, options: RequestInit & { dispatcher?: unknown }) => Promise<Response>;

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
    const { dispatcher, ...plain } = options;
    const guarded = !(await isAllowed(new URL(url).hostname));
    return fetch(url, { ...plain, redirect: 'manual', ...(guarded ? { dispatcher } : {}) } as RequestInit);
  };
}
