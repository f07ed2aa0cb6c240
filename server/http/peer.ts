import type { IncomingMessage } from 'node:http';
import { BlockList, isIP, isIPv6 } from 'node:net';

/** Whose forwarding headers are believed; `undefined` believes nobody. */
export type ProxyTrust =
  | { kind: 'hops'; count: number }
  | { kind: 'networks'; networks: readonly string[] }
  | undefined;

export interface Peer {
  /** The address of the client, without the IPv4-in-IPv6 prefix. */
  ip: string;
  /** The host that the client asked for, as its proxy or itself says; lower case. */
  host: string;
}

/**
 * Finds who is really asking. `X-Forwarded-For` and `X-Forwarded-Host` are read only as far as proxies are trusted; a value
 * that cannot be read makes the whole header worthless, never an error.
 */
export function makePeerResolver(trust: ProxyTrust): (req: IncomingMessage) => Peer {
  const trusted = trust?.kind === 'networks' ? blockList(trust.networks) : undefined;
  return (req) => {
    const direct = plain(req.socket.remoteAddress ?? '');
    const host = (req.headers.host ?? '').toLowerCase();
    if (trust === undefined || (trusted !== undefined && !contains(trusted, direct)))
      return { ip: direct, host };
    const forwarded = addresses(req.headers['x-forwarded-for']);
    const forwardedHost = single(req.headers['x-forwarded-host']);
    return {
      ip: (trust.kind === 'hops' ? forwarded.at(-trust.count) : lastUntrusted(forwarded, trusted)) ?? direct,
      host: forwardedHost?.toLowerCase() ?? host,
    };
  };
}

/** Every address of the list, or none if one of them is not an address. Never cut: its end is what our proxies have written. */
function addresses(header: string | string[] | undefined): string[] {
  if (header === undefined) return [];
  const items = String(header)
    .split(',')
    .map((item) => plain(item.trim()));
  return items.every((item) => isIP(item) !== 0) ? items : [];
}

/** From the right, the first that is not one of our proxies; the leftmost if all are. */
function lastUntrusted(forwarded: readonly string[], trusted: BlockList | undefined): string | undefined {
  return (
    forwarded.findLast((address) => trusted === undefined || !contains(trusted, address)) ?? forwarded[0]
  );
}

function single(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' && /^[\w.:[\]-]{1,255}$/.test(header) ? header : undefined;
}

function blockList(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', prefix = ''] = network.split('/');
    list.addSubnet(address, Number(prefix), isIPv6(address) ? 'ipv6' : 'ipv4');
  }
  return list;
}

const contains = (list: BlockList, address: string): boolean =>
  isIP(address) !== 0 && list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');

const plain = (address: string): string =>
  address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address;
