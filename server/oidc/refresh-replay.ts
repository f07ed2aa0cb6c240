import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

const nonceLength = 12;
const tagLength = 16;

/**
 * Encrypts the answer to a refresh under a key that only the presented refresh token gives (HKDF-SHA256, AES-256-GCM): the
 * database knows no more than the token's hash, so whoever has a copy of it cannot read the new tokens.
 */
export function sealAnswer(answer: string, refreshToken: string): string {
  const nonce = randomBytes(nonceLength);
  const cipher = createCipheriv('aes-256-gcm', keyOf(refreshToken), nonce);
  const sealed = Buffer.concat([nonce, cipher.update(answer, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return sealed.toString('base64url');
}

/** @throws Error when it was sealed with another token or changed since */
export function openAnswer(sealed: string, refreshToken: string): string {
  const bytes = Buffer.from(sealed, 'base64url');
  const decipher = createDecipheriv('aes-256-gcm', keyOf(refreshToken), bytes.subarray(0, nonceLength));
  decipher.setAuthTag(bytes.subarray(-tagLength));
  return Buffer.concat([decipher.update(bytes.subarray(nonceLength, -tagLength)), decipher.final()]).toString(
    'utf8',
  );
}

const keyOf = (refreshToken: string): Buffer =>
  Buffer.from(hkdfSync('sha256', refreshToken, '', 'gatehouse refresh answer', 32));
