import type { AuditEventType } from './event.ts';

/** A row of the audit log that concerns an account, as far as its person may see it. */
export interface ActivityRow {
  /** Its place in the log. */
  id: string;
  at: Date;
  type: string;
  /** The person, signed in; somebody who was not; or an operator, or a program. */
  by: 'self' | 'anonymous' | 'other';
  clientId: string | null;
  /** From where; MUST be null for what others did, as the next one: that is theirs. */
  ip: string | null;
  userAgent: string | null;
  data: Readonly<Record<string, unknown>>;
}

/** What the audit log says of accounts. */
export interface ActivityLog {
  /**
   * Rows of these types about one account, newest first, before the place that is named. MUST answer nothing about others,
   * whatever the place is.
   */
  page(
    accountId: string,
    query: { types: readonly string[]; before: string | undefined; limit: number },
  ): Promise<ActivityRow[]>;
}

/** What can have happened, in the words of a person. */
export const activityKinds = [
  'signed_in',
  'sign_in_failed',
  'signed_out',
  'proof_failed',
  'unlocked',
  'session_ended',
  'other_sessions_ended',
  'all_sessions_ended',
  'app_connected',
  'app_refused',
  'app_withdrawn',
  'app_signed_out',
  'token_revoked',
  'token_stolen',
  'account_created',
  'details_changed',
  'password_set',
  'password_changed',
  'password_removed',
  'reset_asked',
  'reset_sent',
  'support_begun',
] as const;

export type ActivityKind = (typeof activityKinds)[number];

type Read = (data: ActivityRow['data']) => ActivityKind;

/** Event types that a person is told of; each type that is not here stays with the operators. */
const told: Readonly<Partial<Record<AuditEventType, Read>>> = {
  'signin.succeeded': () => 'signed_in',
  'signin.failed': () => 'sign_in_failed',
  'signin.locked': () => 'sign_in_failed',
  'reauth.failed': () => 'proof_failed',
  'user.unlocked': () => 'unlocked',
  signout: () => 'signed_out',
  'session.ended': () => 'session_ended',
  'sessions.ended': ({ scope }) => (scope === 'all' ? 'all_sessions_ended' : 'other_sessions_ended'),
  'consent.granted': () => 'app_connected',
  'consent.refused': () => 'app_refused',
  'consent.withdrawn': () => 'app_withdrawn',
  'app.signed_out': () => 'app_signed_out',
  'token.revoked': () => 'token_revoked',
  'code.replay': () => 'token_stolen',
  'refresh.reuse': () => 'token_stolen',
  'user.created': () => 'account_created',
  'signup.confirmed': () => 'account_created',
  'user.roles.changed': () => 'details_changed',
  'user.updated': ({ passwordSet }) => (passwordSet === true ? 'password_set' : 'details_changed'),
  'password.reset.requested': () => 'reset_asked',
  'password.reset.started': () => 'reset_sent',
  'password.changed': () => 'password_changed',
  'user.password.removed': () => 'password_removed',
  'support.begun': () => 'support_begun',
};

export const toldTypes: readonly string[] = Object.keys(told);

/** Undefined for what a person is not told of. */
export function kindOf({ type, data }: Pick<ActivityRow, 'type' | 'data'>): ActivityKind | undefined {
  const read = Object.entries(told).find(([known]) => known === type)?.[1];
  return read?.(data);
}
