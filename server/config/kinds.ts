import { isIP } from 'node:net';
import { z } from 'zod';
import { faultInEmailAddress } from '../accounts/login-name-rules.ts';
import { faultInNewPassword, shortestOperatorPassword } from '../authn/password-rules.ts';
import { type NamedKey, parseKeyList } from '../keys/key-list.ts';

/**
 * What the text of a variable can be. Each kind describes itself for the manual, accepts one spelling, and complains
 * without repeating what it was given.
 */

const secondsPer = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 } as const;
const bytesPer = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 } as const;

/** Turns a reader that answers `undefined` for what it does not understand into a schema. */
export function readBy<Value>(
  read: (text: string) => Value | undefined,
  complaint: string,
  description: string,
) {
  return z
    .string()
    .transform((text, context): Value => {
      const value = read(text);
      if (value !== undefined) return value;
      context.addIssue({ code: 'custom', message: complaint });
      return z.NEVER;
    })
    .describe(description);
}

/** Text that a rule of the domain finds nothing wrong with; its complaints are fixed words that never repeat the text. */
function checkedBy(faultIn: (text: string) => string | undefined, description: string) {
  return z
    .string()
    .superRefine((text, context) => {
      const message = faultIn(text);
      if (message !== undefined)
        context.addIssue({ code: 'custom', message: `is refused: ${message.replace(/\.$/, '')}` });
    })
    .describe(description);
}

function readDuration(text: string): number | undefined {
  const [, amount, unit] = /^(\d{1,9})(ms|s|m|h|d)$/.exec(text) ?? [];
  if (amount === undefined || unit === undefined) return undefined;
  // Milliseconds are divided, not multiplied by 0.001, so that 500ms is exactly 0.5.
  return unit === 'ms' ? Number(amount) / 1000 : Number(amount) * secondsPer[unit as keyof typeof secondsPer];
}

function readSize(text: string): number | undefined {
  const [, amount, unit] = /^(\d{1,6})(B|KiB|MiB|GiB)$/.exec(text) ?? [];
  return unit === undefined ? undefined : Number(amount) * bytesPer[unit as keyof typeof bytesPer];
}

/** `500ms`, `10s`, `15m`, `8h`, `30d`; the value is seconds. */
export const duration = readBy(
  (text) => {
    const seconds = readDuration(text);
    return seconds === 0 ? undefined : seconds;
  },
  'must be a duration above zero: a whole number and one of ms, s, m, h, d, such as 15m',
  'duration',
);

/** A duration within bounds, which are written as durations too. */
export function durationBetween(least: string, most: string) {
  const [low, high] = [duration.parse(least), duration.parse(most)];
  return duration
    .refine((seconds) => seconds >= low && seconds <= high, `must be a duration from ${least} to ${most}`)
    .describe(`duration, ${least} to ${most}`);
}

/** A duration up to a longest one that may also be `0s`, which switches off what it is about. */
export function durationOrOff(most: string) {
  const high = duration.parse(most);
  const message = `must be a duration from 0s to ${most}, such as 10s`;
  return readBy(readDuration, message, `duration, 0s to ${most}`).refine(
    (seconds) => seconds <= high,
    message,
  );
}

/** `64KiB`, `19MiB`; the value is bytes. */
export const size = readBy(
  readSize,
  'must be a size: a whole number and one of B, KiB, MiB, GiB, such as 64KiB',
  'size',
);

export function sizeBetween(least: string, most: string) {
  const [low, high] = [size.parse(least), size.parse(most)];
  return size
    .refine((bytes) => bytes >= low && bytes <= high, `must be a size from ${least} to ${most}`)
    .describe(`size, ${least} to ${most}`);
}

export function wholeNumber(least: number, most: number) {
  return readBy(
    (text) => {
      const value = /^\d{1,15}$/.test(text) ? Number(text) : undefined;
      return value !== undefined && value >= least && value <= most ? value : undefined;
    },
    `must be a whole number from ${least} to ${most}`,
    `number, ${least} to ${most}`,
  );
}

export const port = wholeNumber(1, 65_535).describe('port');

export const boolean = readBy(
  (text) => (text === 'true' ? true : text === 'false' ? false : undefined),
  'must be true or false',
  '`true` or `false`',
);

export function oneOf<const Word extends string>(...words: [Word, ...Word[]]) {
  return z
    .enum(words, { error: `must be one of ${words.join(', ')}` })
    .describe(words.map((word) => `\`${word}\``).join(', '));
}

const unprintable = /[\p{Cc}\p{Cf}\u2028\u2029]/u;

/** One line of text without control characters. */
export function text(most: number, description = 'text') {
  return readBy(
    (value) =>
      value.length <= most && value.trim() === value && !unprintable.test(value) ? value : undefined,
    `must be one line of at most ${most} characters, without control characters and outer spaces`,
    description,
  );
}

export const path = readBy((value) => (value.includes('\0') ? undefined : value), 'must be a path', 'path');

/** Printable ASCII of a bounded length: what RFC 6749 appendix A allows in a client's id and secret. */
export function visible(least: number, most: number, description: string) {
  return readBy(
    (value) =>
      value.length >= least && value.length <= most && /^[\x20-\x7e]+$/.test(value) ? value : undefined,
    `must be ${least} to ${most} printable ASCII characters`,
    description,
  );
}

export const clientId = readBy(
  (value) => (/^[A-Za-z0-9._~-]{1,128}$/.test(value) ? value : undefined),
  'must be 1 to 128 letters, digits, ".", "_", "~" and "-"',
  'client id',
);

/** Keys with their ids, in the order given. */
export const keyList = z
  .string()
  .transform((value, context): NamedKey[] => {
    try {
      return parseKeyList(value);
    } catch (error) {
      // The reader promises that its reason contains no key material.
      context.addIssue({
        code: 'custom',
        message: error instanceof Error ? error.message : 'cannot be read',
      });
      return z.NEVER;
    }
  })
  .describe('list of keys');

/** An absolute URL of one of these schemes, kept as it was written. */
export function url(schemes: readonly string[], description: string) {
  const shown = schemes.map((scheme) => `${scheme}://`).join(' or ');
  return readBy(
    (value) => {
      const scheme =
        URL.canParse(value) && !/\s/.test(value) ? new URL(value).protocol.slice(0, -1) : undefined;
      return scheme !== undefined && schemes.includes(scheme) ? value : undefined;
    },
    `must be a URL that begins with ${shown}; special characters in its user name and password are percent-encoded`,
    description,
  );
}

const mailAddress = /^[^\s@<>"(),:;[\]\\]{1,64}@[^\s@<>"(),:;[\]\\]{1,255}$/;

/** The rules of accounts decide, so that what is accepted here can be stored there. */
export const emailAddress = checkedBy(faultInEmailAddress, 'e-mail address');

export const operatorPassword = checkedBy(
  (value) => faultInNewPassword(value, shortestOperatorPassword),
  `text of at least ${shortestOperatorPassword} characters`,
);

/** `a@example.org` or `Name <a@example.org>`. */
export const mailbox = readBy(
  (value) => {
    const [, bracketed] = /^[^<>"]*<([^<>]+)>$/.exec(value) ?? [];
    return mailAddress.test(bracketed ?? value) && !unprintable.test(value) ? value : undefined;
  },
  'must be an e-mail address, or a name followed by one in angle brackets',
  'e-mail address, with or without a name',
);

/** An address or a network in CIDR notation; the answer always has a prefix length. */
function readNetwork(item: string): string | undefined {
  const [address = '', length, ...rest] = item.split('/');
  const version = isIP(address);
  if (version === 0 || address.includes('%') || rest.length > 0) return undefined;
  const most = version === 4 ? 32 : 128;
  if (length === undefined) return `${address}/${most}`;
  return /^\d{1,3}$/.test(length) && Number(length) <= most ? `${address}/${Number(length)}` : undefined;
}

const splitList = (value: string): string[] => value.split(/[\s,]+/).filter((item) => item !== '');

/** Items between commas or white space; one that is not understood spoils the list, and so does an empty list. */
export function readList<Item>(value: string, read: (item: string) => Item | undefined): Item[] | undefined {
  const items = splitList(value).map(read);
  const understood = items.filter((item) => item !== undefined);
  return understood.length === items.length && items.length > 0 ? understood : undefined;
}

/** How `X-Forwarded-*` is believed: from so many proxies in a row, or from proxies in these networks. */
export type TrustedProxies = { kind: 'hops'; count: number } | { kind: 'networks'; networks: string[] };

export const trustedProxies = readBy(
  (value): TrustedProxies | undefined => {
    if (/^[1-9]$/.test(value)) return { kind: 'hops', count: Number(value) };
    const networks = readList(value, readNetwork);
    return networks === undefined ? undefined : { kind: 'networks', networks };
  },
  'must be a number of proxies from 1 to 9, or a list of addresses and networks such as 10.0.0.0/8, fd00::/8',
  'number of hops, or list of networks',
);

const hostName = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/;

/** Host names (lower case) and networks (with their prefix length), in the order given. */
export const hostsAndNetworks = readBy(
  (value) =>
    readList(value, (item) => {
      const network = readNetwork(item);
      if (network !== undefined) return network;
      const name = item.toLowerCase();
      return hostName.test(name) && !/^[\d.]+$/.test(name) ? name : undefined;
    }),
  'must be a list of host names, addresses and networks, such as hooks.internal, 10.20.0.0/16',
  'list of hosts and networks',
);
