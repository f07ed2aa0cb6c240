import { createHash, timingSafeEqual } from 'node:crypto';

/** Whether both are the same, in a time that tells nothing of where they differ; lengths may differ. */
export function equal(a: string | Uint8Array, b: string | Uint8Array): boolean {
  return timingSafeEqual(digest(a), digest(b));
}

function digest(value: string | Uint8Array): Buffer {
  return createHash('sha256').update(value).digest();
}
