import { createHash } from 'node:crypto';
import type { MailKind } from './mail-kinds.ts';

/** How much mail that a stranger can cause one address gets. */
export interface MailAllowance {
  /**
   * Whether one more may be sent now: one in two minutes and five in an hour for each key. Counts it, if so. MUST be one
   * statement, and MUST be asked for addresses without an account too, so that its time tells nothing.
   */
  take(key: Buffer, now: Date): Promise<boolean>;
}

/** What is counted: this kind of mail to this address, in its compared form. */
export function allowanceKey(kind: MailKind, foldedAddress: string): Buffer {
  return createHash('sha256').update(`${kind}\0${foldedAddress}`).digest();
}
