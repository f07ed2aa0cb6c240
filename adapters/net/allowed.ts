import { BlockList, isIP, isIPv6 } from 'node:net';

/** The operator's allow-list (GATEHOUSE_FETCH_ALLOW), as it is asked. */
export interface AllowList {
  hasName(host: string): boolean;
  hasAddress(address: string): boolean;
}

/** @param allow host names, and networks with their prefix length */
export function makeAllowList(allow: readonly string[]): AllowList {
  const names = new Set(allow.filter((entry) => !entry.includes('/')));
  const networks = blockList(allow.filter((entry) => entry.includes('/')));
  return {
    hasName: (host) => names.has(host),
    hasAddress: (address) => networks.check(address, isIPv6(address) ? 'ipv6' : 'ipv4'),
  };
}

/**
 * Addresses that are not on the internet, or not those of a single host there: the registries of special-purpose addresses of
 * RFC 6890, with what was added since.
 */
const special = blockList(
  [
    ['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12'],
    [
      '192.0.0.0/24',
      '192.0.2.0/24',
      '192.31.196.0/24',
      '192.52.193.0/24',
      '192.88.99.0/24',
      '192.168.0.0/16',
    ],
    ['192.175.48.0/24', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4'],
    ['::/128', '::1/128', '64:ff9b::/96', '64:ff9b:1::/48', '100::/64', '100:0:0:1::/64', '2001::/23'],
    [
      '2001:db8::/32',
      '2002::/16',
      '2620:4f:8000::/48',
      '3fff::/20',
      '5f00::/16',
      'fc00::/7',
      'fe80::/9',
      'ff00::/8',
    ],
  ].flat(),
);

/** Whether it is private, reserved, or leads to several hosts. An IPv4 address within an IPv6 one counts as itself. */
export function isSpecialUse(address: string): boolean {
  const [plain = ''] = address.split('%', 1);
  if (isIP(plain) === 0) return true;
  return special.check(plain, isIPv6(plain) ? 'ipv6' : 'ipv4');
}

function blockList(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', prefix] = network.split('/');
    list.addSubnet(address, Number(prefix), isIPv6(address) ? 'ipv6' : 'ipv4');
  }
  return list;
}
