import { timingSafeEqual } from 'node:crypto';

/** Bytes of base64 in any of its spellings: with or without padding, URL-safe, or with the `.` of passlib; undefined otherwise. */
export function fromBase64(text: string): Buffer | undefined {
  const plain = text
    .replaceAll('-', '+')
    .replaceAll('_', '/')
    .replaceAll('.', '+')
    .replace(/={0,2}$/, '');
  if (!/^[A-Za-z0-9+/]*$/.test(plain) || plain.length % 4 === 1) return undefined;
  return Buffer.from(plain, 'base64');
}

/** Base64 without padding, as PHC strings have it. */
export function toBase64(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}

/** Compares in constant time, also where one of them has another length. */
export function areEqual(one: Buffer, other: Buffer): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}

export function areEqualTexts(one: string, other: string): boolean {
  return areEqual(Buffer.from(one, 'utf8'), Buffer.from(other, 'utf8'));
}
