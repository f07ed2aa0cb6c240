import { createHash } from 'node:crypto';

/** A browser as an account knows it: it has signed in to this account before. */
export interface KnownDevice {
  id: string;
  tokenHash: Buffer;
}

/**
 * What a browser holds to be known again: for each account a token of its own (256 random bits), so that nothing ties the
 * accounts of one browser together.
 */
export type DeviceTokens = readonly string[];

/** Accounts that one browser is known to at once; the one that signed in longest ago is forgotten first. */
export const mostDeviceTokens = 5;

const tokenForm = /^[A-Za-z0-9_-]{43}$/;

/** Reads what a browser presents; what is not of our making is no token. */
export function parseDeviceTokens(text: string | undefined): DeviceTokens {
  if (text === undefined || text.length > 1024) return [];
  return text
    .split('.')
    .filter((token) => tokenForm.test(token))
    .slice(0, mostDeviceTokens);
}

/** How a token is stored. Of 256 random bits a plain SHA-256 cannot be guessed back. */
export function hashDeviceToken(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/** What the browser holds after a sign-in: the new token in front, and the one that it replaces is gone. */
export function renewDeviceTokens(
  presented: DeviceTokens,
  replaced: KnownDevice | undefined,
  fresh: string,
): DeviceTokens {
  const others = presented.filter((token) => !replaced?.tokenHash.equals(hashDeviceToken(token)));
  return [fresh, ...others].slice(0, mostDeviceTokens);
}
