import { randomBytes } from 'node:crypto';

/** Chance as an argument. */
export interface Ids {
  /** A new identifier without meaning: 128 bit, base64url, 22 characters. */
  id(): string;
  /** A secret that is presented later: 256 bit, base64url, 43 characters. */
  secret(): string;
}

export const randomIds: Ids = {
  id: () => randomBytes(16).toString('base64url'),
  secret: () => randomBytes(32).toString('base64url'),
};
