import { BlockList, isIP } from 'node:net';
import { z } from 'zod';

export type Mode = 'evaluation' | 'production';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** Whether a host, as a URL or a listening address names it, can only be this machine. */
export function isLoopbackHost(host: string): boolean {
  const bare = host.replace(/^\[(.*)\]$/, '$1');
  if (bare.toLowerCase() === 'localhost') return true;
  const version = isIP(bare);
  return version !== 0 && loopback.check(bare, version === 6 ? 'ipv6' : 'ipv4');
}

/** Every way in which a text fails to be an issuer (RFC 8414 §2), in the order in which one would repair them. */
function issuerFaults(value: string): string[] {
  if (!URL.canParse(value) || !/^https?:\/\//.test(value)) return ['must be a URL that begins with https://'];
  const url = new URL(value);
  const faults: string[] = [];
  if (url.username !== '' || url.password !== '') faults.push('must not carry a user name or password');
  if (value.includes('?')) faults.push('must not have a query');
  if (value.includes('#')) faults.push('must not have a fragment');
  if (value.endsWith('/')) faults.push('must not end with a slash');
  if (!/^(\/[\w.~-]+)*\/?$/.test(url.pathname))
    faults.push('must have a path of plain segments only, such as /auth');
  // Clients compare issuers character by character, so there must be only one spelling of it.
  if (faults.length === 0 && url.href.replace(/\/$/, '') !== value) {
    faults.push('must be in normal form: lower-case host, no default port, no dot segments');
  }
  return faults;
}

/** The issuer, exactly as it will stand in discovery and in every token. */
export const issuerUrl = z
  .string()
  .superRefine((value, context) => {
    for (const message of issuerFaults(value)) context.addIssue({ code: 'custom', message });
  })
  .describe('URL');

/**
 * Evaluation is for no issuer at all or a loopback one. An issuer that was given but cannot be read means production, so
 * that everything that production demands is named in the same report.
 */
export function modeOf(given: boolean, value: string | undefined): Mode {
  if (!given) return 'evaluation';
  if (value === undefined) return 'production';
  const written = value.includes('://') ? value : `http://${value}`;
  return URL.canParse(written) && isLoopbackHost(new URL(written).hostname) ? 'evaluation' : 'production';
}
