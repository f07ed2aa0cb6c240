import { createHmac } from 'node:crypto';

/** Counters for names that no account has. Names that share one lose nothing: none of them can sign in. */
const counters = 2 ** 16;

/**
 * Which counter a folded name without an account has. Keyed, since people type passwords into the field for names, and of few
 * numbers, so that strangers decide neither how many counters there are nor what is in them.
 */
export function unknownCounter(key: Buffer, folded: string): number {
  const mac = createHmac('sha256', key).update(`gatehouse unknown name\0${folded}`).digest();
  return mac.readUInt32BE(0) % counters;
}
