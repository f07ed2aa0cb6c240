import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import type { NamedKey } from '../../server/keys/key-list.ts';

/** Encrypts what rests in the database, so that a copy of the database alone is worth nothing. */
export interface Envelope {
  /**
   * @param context where the value belongs (table, column, row): opened under another one it is refused, so that
   *   nobody can move a sealed value from row to row.
   * @returns `v1.<key id>.<base64url of nonce, ciphertext and tag>`
   */
  seal(plaintext: Buffer, context: string): string;
  /**
   * @throws UnknownKeyError when it was sealed under a key that is not in the list
   * @throws EnvelopeError when it was changed, belongs elsewhere or is no envelope
   */
  open(text: string, context: string): Buffer;
}

/** The value cannot be opened: changed, moved to another context, or not an envelope at all. */
export class EnvelopeError extends Error {
  override readonly name: string = 'EnvelopeError';
}

/** The value was sealed under a key that this process does not have. */
export class UnknownKeyError extends EnvelopeError {
  override readonly name = 'UnknownKeyError';
  readonly keyId: string;

  constructor(keyId: string) {
    super(`sealed under the key ${keyId}, which is not in the list`);
    this.keyId = keyId;
  }
}

const version = 'v1';
const form = /^v1\.([A-Za-z0-9_-]{1,32})\.([A-Za-z0-9_-]+)$/;
const nonceLength = 12;
const tagLength = 16;

/**
 * AES-256-GCM (NIST SP 800-38D) with random 96-bit nonces, which one key may use for 2^32 values. The first key seals,
 * all keys open.
 */
export function makeEnvelope(keys: readonly NamedKey[]): Envelope {
  const ciphers = new Map(keys.map(({ id, key }) => [id, deriveKey(key)]));
  const first = keys[0];
  if (first === undefined) throw new EnvelopeError('at least one key is needed');
  const sealingKey = deriveKey(first.key);

  return {
    seal(plaintext, context) {
      const nonce = randomBytes(nonceLength);
      const cipher = createCipheriv('aes-256-gcm', sealingKey, nonce);
      cipher.setAAD(associatedData(first.id, context));
      const sealed = Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
      return `${version}.${first.id}.${sealed.toString('base64url')}`;
    },

    open(text, context) {
      const [, keyId, encoded] = form.exec(text) ?? [];
      if (keyId === undefined || encoded === undefined) throw new EnvelopeError('not an envelope');
      const key = ciphers.get(keyId);
      if (key === undefined) throw new UnknownKeyError(keyId);
      const sealed = Buffer.from(encoded, 'base64url');
      // Base64url has spare bits at its end that decoding ignores; only the one spelling that seal() wrote is taken.
      if (sealed.length < nonceLength + tagLength || sealed.toString('base64url') !== encoded) {
        throw new EnvelopeError('not an envelope');
      }
      const nonce = sealed.subarray(0, nonceLength);
      const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagLength });
      decipher.setAAD(associatedData(keyId, context));
      decipher.setAuthTag(sealed.subarray(-tagLength));
      try {
        return Buffer.concat([decipher.update(sealed.subarray(nonceLength, -tagLength)), decipher.final()]);
      } catch {
        throw new EnvelopeError('changed, or sealed for another place');
      }
    },
  };
}

/** Settings may hold longer keys than AES takes; deriving also keeps this use apart from any other of the same secret. */
function deriveKey(key: Buffer): Buffer {
  return Buffer.from(hkdfSync('sha256', key, '', 'gatehouse envelope v1', 32));
}

function associatedData(keyId: string, context: string): Buffer {
  return Buffer.from(`${version}.${keyId}.${context}`, 'utf8');
}
