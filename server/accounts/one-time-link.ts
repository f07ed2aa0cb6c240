import { createHash } from 'node:crypto';

/** What a link in a mail lets its reader do, once. */
export type LinkPurpose =
  | 'sign_up'
  | 'invitation'
  | 'verify_email'
  | 'reset_password'
  | 'change_email'
  | 'undo_email'
  | 'verify_notification_email'
  | 'cancel_deletion';

/** A link as it is kept. Its token (256 bit) is in the mail alone; here is its SHA-256. */
export interface NewLink {
  tokenHash: Buffer;
  purpose: LinkPurpose;
  /** Whose it is: the id of an account, or that of a sign-up. */
  subjectId: string;
  /** Where it was sent to. */
  address: string;
  /** What else whoever uses it needs; nothing secret. */
  data: Record<string, unknown>;
  createdAt: Date;
  expiresAt: Date;
}

export interface OneTimeLink extends NewLink {
  usedAt: Date | null;
  /** When a newer one took its place, or something changed that it must not survive. */
  endedAt: Date | null;
}

export interface OneTimeLinkStore {
  /** Keeps it and ends each earlier one of the same purpose and subject, in one statement. */
  issue(link: NewLink): Promise<void>;
  /** Whatever has become of it; links are forgotten a week after they expired. Uses nothing up. */
  find(tokenHash: Buffer): Promise<OneTimeLink | undefined>;
  /**
   * Uses it up. MUST be one statement that finds it live, so that of many callers exactly one gets it; undone with the open
   * transaction.
   */
  consume(tokenHash: Buffer, purpose: LinkPurpose, now: Date): Promise<OneTimeLink | undefined>;
  /** Ends all that are live for this subject, or those of these purposes. */
  endAll(subjectId: string, now: Date, purposes?: readonly LinkPurpose[]): Promise<void>;
  /** Ends all that are live, were made at `since` or later, and whose subject is below this one: `<subjectId>/…`. */
  endBelow(subjectId: string, since: Date, now: Date): Promise<void>;
}

export type LinkState = 'live' | 'used' | 'ended' | 'expired';

/** What can be said of a link to whoever holds it. */
export function stateOfLink({ usedAt, endedAt, expiresAt }: OneTimeLink, now: Date): LinkState {
  if (usedAt !== null) return 'used';
  if (endedAt !== null) return 'ended';
  return expiresAt <= now ? 'expired' : 'live';
}

/** SHA-256 is enough for 256 random bits. */
export function hashLinkToken(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
