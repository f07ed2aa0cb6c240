import { createCipheriv, createDecipheriv, createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { agree, type Identity, makeEphemeral, type Recipient } from './keys.ts';

/** The header of an age file (age-encryption.org/v1), which carries the key of the file for each who may read it. */
const intro = 'age-encryption.org/v1';
const label = 'age-encryption.org/v1/X25519';
const fileKeyLength = 16;
const noNonce = Buffer.alloc(12);

export const derive = (key: Buffer, salt: Buffer | string, info: string): Buffer =>
  Buffer.from(hkdfSync('sha256', key, salt, info, 32));

const encode = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '');

export function writeHeader(fileKey: Buffer, recipients: readonly Recipient[]): string {
  const stanzas = recipients.map(({ share }) => {
    const ephemeral = makeEphemeral();
    const secret = agree(ephemeral.privateKey, share);
    if (secret === undefined) throw new Error('a public key with which everybody could read the file');
    const key = derive(secret, Buffer.concat([ephemeral.share, share]), label);
    const cipher = createCipheriv('chacha20-poly1305', key, noNonce, { authTagLength: 16 });
    const wrapped = Buffer.concat([cipher.update(fileKey), cipher.final(), cipher.getAuthTag()]);
    return `-> X25519 ${encode(ephemeral.share)}\n${encode(wrapped)}\n`;
  });
  const text = `${intro}\n${stanzas.join('')}---`;
  return `${text} ${encode(macOf(fileKey, text))}\n`;
}

const macOf = (fileKey: Buffer, text: string): Buffer =>
  createHmac('sha256', derive(fileKey, '', 'header'))
    .update(text)
    .digest();

export type HeaderReading =
  | { kind: 'opened'; fileKey: Buffer }
  /** It is no age file; none of these keys can read it; somebody has changed it. */
  | { kind: 'foreign' | 'locked' | 'damaged' };

/** Reads a header up to and with the line end behind its MAC. */
export function readHeader(text: string, identities: readonly Identity[]): HeaderReading {
  const [, head, mac] =
    /^(age-encryption\.org\/v1\n(?:->[^\n]*\n(?:[A-Za-z0-9+/]*\n)+)+---) ([A-Za-z0-9+/]{43})\n$/.exec(text) ??
    [];
  if (head === undefined || mac === undefined) return { kind: 'foreign' };
  const stanzas = head.matchAll(/^-> X25519 ([A-Za-z0-9+/]{43})\n([A-Za-z0-9+/]{43})\n/gm);
  for (const [, share = '', wrapped = ''] of stanzas) {
    for (const identity of identities) {
      const fileKey = unwrap(identity, Buffer.from(share, 'base64'), Buffer.from(wrapped, 'base64'));
      if (fileKey === undefined) continue;
      // As text: base64 has spare bits at its end that decoding passes over, and one file would have several spellings.
      const isWhole = timingSafeEqual(Buffer.from(encode(macOf(fileKey, head))), Buffer.from(mac));
      return isWhole ? { kind: 'opened', fileKey } : { kind: 'damaged' };
    }
  }
  return { kind: 'locked' };
}

function unwrap({ privateKey, share: own }: Identity, share: Buffer, wrapped: Buffer): Buffer | undefined {
  const secret = agree(privateKey, share);
  if (secret === undefined || wrapped.length !== fileKeyLength + 16) return undefined;
  const key = derive(secret, Buffer.concat([share, own]), label);
  const decipher = createDecipheriv('chacha20-poly1305', key, noNonce, { authTagLength: 16 });
  decipher.setAuthTag(wrapped.subarray(fileKeyLength));
  try {
    return Buffer.concat([decipher.update(wrapped.subarray(0, fileKeyLength)), decipher.final()]);
  } catch {
    return undefined;
  }
}
