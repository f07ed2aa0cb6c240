import { createHash } from 'node:crypto';

/** A secret of the settings ENCRYPTION_KEYS, PASSWORD_KEYS and COOKIE_KEYS. The id is no secret and stands beside what it protects. */
export interface NamedKey {
  id: string;
  key: Buffer;
}

const shortestKey = 32;
const idForm = /^[A-Za-z0-9_-]{1,32}$/;

/**
 * Reads a list of keys, separated by commas or white space: `id:material` or bare `material`, which is hex or base64url
 * (plain base64 is understood too) of at least 32 bytes. A bare key is named by the first 8 hex digits of its SHA-256.
 *
 * @throws Error with a reason that names the position or id and never contains key material.
 */
export function parseKeyList(text: string): NamedKey[] {
  const entries = text.split(/[\s,]+/).filter((entry) => entry !== '');
  if (entries.length === 0) throw new Error('the list of keys is empty');
  const keys = entries.map((entry, index) => parseEntry(entry, index + 1));
  const ids = new Set<string>();
  for (const { id } of keys) {
    if (ids.has(id)) throw new Error(`two keys have the id ${id}`);
    ids.add(id);
  }
  return keys;
}

function parseEntry(entry: string, position: number): NamedKey {
  const colon = entry.indexOf(':');
  const key = decode(entry.slice(colon + 1));
  if (key === undefined) throw new Error(`key ${position} is neither base64url nor hex, or it is cut off`);
  if (key.length < shortestKey) {
    throw new Error(`key ${position} has ${key.length} bytes; at least ${shortestKey} are needed`);
  }
  if (colon === -1) return { id: createHash('sha256').update(key).digest('hex').slice(0, 8), key };
  const id = entry.slice(0, colon);
  // Not repeated in the message: who mixes up the order has written the secret there.
  if (!idForm.test(id)) {
    throw new Error(`the id of key ${position} may have 1 to 32 letters, digits, "_" and "-" only`);
  }
  return { id, key };
}

function decode(material: string): Buffer | undefined {
  if (/^(?:[0-9a-f]{2})+$/i.test(material)) return Buffer.from(material, 'hex');
  const url = material
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/={1,2}$/, '');
  if (!/^[A-Za-z0-9_-]+$/.test(url)) return undefined;
  const decoded = Buffer.from(url, 'base64url');
  // A cut-off text leaves bits over; decoding would drop them in silence.
  return decoded.toString('base64url') === url ? decoded : undefined;
}
