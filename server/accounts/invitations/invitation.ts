/** Somebody whom an operator has invited to have an account. */
export interface Invitation {
  id: string;
  email: string;
  /** What the account is to have. */
  roles: string[];
  /** Where the invited person goes on to. */
  clientId: string | null;
  createdAt: Date;
  expiresAt: Date;
  acceptedAt: Date | null;
  revokedAt: Date | null;
  /** Whom it has made. */
  accountId: string | null;
}

export interface InvitationPage {
  items: Invitation[];
  /** Where the next page begins, to be given back as `after`; null when nothing follows. Opaque. */
  next: string | null;
}

export interface InvitationStore {
  /** `client_not_found` leaves nothing behind and an open transaction usable. */
  insert(invitation: Invitation): Promise<{ kind: 'written' | 'client_not_found' }>;
  find(id: string): Promise<Invitation | undefined>;
  /** In the order (createdAt, id). */
  list(query: { limit: number; after?: string | undefined }): Promise<InvitationPage>;
  /**
   * Marks it as accepted, and gives it. MUST be one statement that finds it neither accepted nor revoked nor expired, so that of
   * many callers exactly one gets it; undone with the open transaction.
   */
  accept(id: string, accountId: string, now: Date): Promise<Invitation | undefined>;
  /** Takes it back. False when it was accepted or revoked before, or never was. */
  revoke(id: string, now: Date): Promise<boolean>;
}

export type InvitationStatus = 'open' | 'accepted' | 'revoked' | 'expired';

export function statusOf({ acceptedAt, revokedAt, expiresAt }: Invitation, now: Date): InvitationStatus {
  if (acceptedAt !== null) return 'accepted';
  if (revokedAt !== null) return 'revoked';
  return expiresAt <= now ? 'expired' : 'open';
}

/** Hours that an invitation waits (LIMITS row 15). */
export const invitationHours = 24;
