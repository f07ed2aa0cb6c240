import { randomBytes, randomFillSync } from 'node:crypto';

/** Chance as an argument. */
export interface Ids {
  /** A new identifier without meaning: 128 bit, base64url, 22 characters. */
  id(): string;
  /** A secret that is presented later: 256 bit, base64url, 43 characters. */
  secret(): string;
}

const idLength = 16;
/** Identifiers are drawn for every request, so their bytes are fetched for many at once; secrets are always drawn singly. */
const pool = Buffer.alloc(idLength * 256);
let used = pool.length;

function id(): string {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += idLength;
  return pool.toString('base64url', used - idLength, used);
}

export const randomIds: Ids = {
  id,
  secret: () => randomBytes(32).toString('base64url'),
};
