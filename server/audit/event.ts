/** Who caused it, and from where; everything that is known and nothing secret. */
export interface Actor {
  kind: 'account' | 'client' | 'operator' | 'system' | 'anonymous';
  /** `sub` of an account, `client_id` of a client, the login name of the operator at the CLI. */
  id?: string | undefined;
  /** The client through which an account acts. */
  clientId?: string | undefined;
  ip?: string | undefined;
  userAgent?: string | undefined;
  requestId?: string | undefined;
}

/** Before and after of a change, non-secret fields only. */
export interface Change {
  before?: Record<string, unknown>;
  after?: Record<string, unknown>;
}

/** Everything that is worth a row in the audit log. `reason` is a stable word, never free text from a stranger. */
export type AuditEvent =
  | { type: 'signin.succeeded'; accountId: string; clientId?: string | undefined; amr: string[] }
  | { type: 'signin.failed'; accountId?: string | undefined; clientId?: string | undefined; reason: string }
  | {
      type: 'signin.locked';
      accountId?: string | undefined;
      failures: number;
      isClosed: boolean;
      isKnownDevice: boolean;
    }
  | { type: 'login.spray'; scope: 'network' | 'everywhere' }
  | { type: 'reauth.failed'; accountId: string; reason: string }
  | { type: 'user.unlocked'; accountId: string }
  | { type: 'signout'; accountId: string; clientId?: string | undefined }
  | { type: 'session.ended'; accountId: string; sessionId: string }
  | { type: 'sessions.ended'; accountId: string; scope: 'others' | 'all'; ended: number }
  | { type: 'consent.withdrawn' | 'app.signed_out'; accountId: string; clientId: string }
  | { type: 'consent.granted'; accountId: string; clientId: string; scopes: string[] }
  | { type: 'consent.refused'; accountId: string; clientId: string }
  | { type: 'authorization.error'; clientId?: string | undefined; reason: string }
  | { type: 'grant.error'; clientId?: string | undefined; reason: string }
  | { type: 'protocol.error'; clientId?: string | undefined; endpoint: string; reason: string }
  | { type: 'code.replay'; clientId?: string | undefined; accountId?: string | undefined }
  | { type: 'refresh.reuse'; clientId?: string | undefined; accountId?: string | undefined }
  | { type: 'token.revoked'; clientId: string; accountId?: string | undefined }
  | { type: 'admin.refused' | 'account.refused'; reason: string; route: string }
  | { type: 'csrf.refused'; route: string }
  | { type: 'client.created' | 'client.updated' | 'client.deleted'; clientId: string; change: Change }
  | { type: 'client.secret.guessed'; clientId: string }
  | { type: 'client.secret.created'; clientId: string; secretId: string }
  | {
      type: 'user.created' | 'user.updated';
      accountId: string;
      change: Change;
      passwordSet?: true | undefined;
      /** Of the import that it is part of. */
      importId?: string | undefined;
    }
  | { type: 'user.deleted'; accountId: string; change: Change }
  | { type: 'user.deletion.requested'; accountId: string; dueAt: string }
  | { type: 'user.deletion.cancelled' | 'account.exported'; accountId: string }
  | { type: 'picture.changed' | 'picture.removed'; accountId: string }
  | { type: 'user.password.upgraded'; accountId: string }
  | { type: 'password.reset.requested'; accountId?: string | undefined; result: string }
  | { type: 'password.reset.started' | 'password.change.demanded'; accountId: string }
  | { type: 'password.changed'; accountId: string; how: 'reset' | 'change' }
  | { type: 'signup.requested'; signUpId: string; result: string }
  | { type: 'user.email.verification_sent' | 'user.email.verified'; accountId: string }
  | { type: 'invitation.created'; invitationId: string; clientId?: string | undefined; roles: string[] }
  | { type: 'invitation.revoked'; invitationId: string }
  | { type: 'invitation.accepted'; invitationId: string; accountId: string }
  | { type: 'terms.accepted'; accountId: string; version: string }
  | { type: 'signup.confirmed'; accountId: string }
  | { type: 'profile.changed' | 'email.changed' | 'email.change.undone'; accountId: string; change: Change }
  | { type: 'email.change.requested'; accountId: string }
  | {
      type: 'notification_email.requested' | 'notification_email.added' | 'notification_email.removed';
      accountId: string;
    }
  | { type: 'admin.bootstrapped'; accountId: string; how: 'setting' | 'link' }
  | { type: 'key.created'; kid: string; alg: string }
  | {
      type: 'outbox.retried' | 'outbox.discarded';
      messageId: string;
      kind: string;
      accountId?: string | undefined;
    }
  | { type: 'database.backed_up'; withSecrets: boolean }
  | { type: 'database.restored'; madeAt: string; sessionsEnded: boolean }
  | { type: 'database.moved'; to: string }
  | { type: 'people.exported' }
  | { type: 'people.imported'; madeAt: string }
  | { type: 'config.error'; reason: string };

export type AuditEventType = AuditEvent['type'];

/** Where events go. */
export interface AuditLog {
  /** MUST be part of the transaction that is open, if one is: no change without its event, no event without its change. */
  append(event: AuditEvent, by: Actor): Promise<void>;
}
