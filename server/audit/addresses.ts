import { createHmac, hkdfSync } from 'node:crypto';
import { isIPv4, isIPv6 } from 'node:net';
import type { AuditLog } from './event.ts';

/** What the log keeps of a network address: all of it, the network that it is in, or a code that tells it from others. */
export type AddressDetail = 'full' | 'truncated' | 'keyed';

export interface AddressRules {
  detail: AddressDetail;
  /** For codes: the first makes them, all are looked for. */
  keys: readonly { id: string; key: Buffer }[];
}

export interface Addresses {
  /** What is kept of it. */
  kept(ip: string): string;
  /** Everything that may have been kept of it, under whatever the setting was by then. */
  forms(ip: string): string[];
}

export function makeAddresses({ detail, keys }: AddressRules): Addresses {
  const coders = keys.map(({ id, key }) => {
    const derived = Buffer.from(hkdfSync('sha256', key, '', 'gatehouse audit addresses v1', 32));
    return (ip: string) => `keyed:${id}:${codeOf(derived, canonical(ip))}`;
  });
  const [coded] = coders;
  if (coded === undefined) throw new Error('at least one key is needed');
  const ways: Readonly<Record<AddressDetail, (ip: string) => string>> = {
    full: canonical,
    truncated,
    keyed: coded,
  };
  return {
    kept: ways[detail],
    forms: (ip) => [...new Set([canonical(ip), truncated(ip), ...coders.map((coder) => coder(ip))])],
  };
}

/** A log that keeps of addresses what it should. */
export const withAddresses = (log: AuditLog, { kept }: Pick<Addresses, 'kept'>): AuditLog => ({
  append: (event, by) => log.append(event, by.ip === undefined ? by : { ...by, ip: kept(by.ip) }),
});

/** 128 bits: nobody without the key finds the address by trying them all. */
const codeOf = (key: Buffer, ip: string): string =>
  createHmac('sha256', key).update(ip).digest().subarray(0, 16).toString('base64url');

/** One spelling of each address (RFC 5952), without a zone. */
export function canonical(ip: string): string {
  const [address = ''] = ip.split('%', 1);
  if (!isIPv6(address)) return address;
  const { hostname } = new URL(`http://[${address}]`);
  return hostname.slice(1, -1);
}

/** The /24 of an IPv4 address and the /48 of an IPv6 one: the network of a provider or a company, no single line. */
function truncated(ip: string): string {
  const address = canonical(ip);
  if (isIPv4(address)) return `${address.split('.').slice(0, 3).join('.')}.0/24`;
  if (!isIPv6(address)) return 'unknown';
  const [head = ''] = address.split('::', 1);
  const groups = head === '' ? [] : head.split(':');
  const first = [0, 1, 2].map((place) => groups[place] ?? '0').join(':');
  return `${canonical(`${first}::`)}/48`;
}
