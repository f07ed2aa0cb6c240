import type { CataloguedEvent } from './catalogue/catalogue.ts';

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
  /** The browser session in which an account acts, as lists of sessions name it. */
  sessionId?: string | undefined;
  /** `sub` of the person in whose place an operator acts. */
  onBehalfOf?: string | undefined;
}

/** Before and after of a change, non-secret fields only. */
export interface Change {
  before?: Record<string, unknown>;
  after?: Record<string, unknown>;
}

/**
 * Everything that is worth a row in the audit log; each kind is declared in server/audit/catalogue, with its severity and what it
 * means. `reason` is a stable word, never free text from a stranger.
 */
export type AuditEvent = CataloguedEvent;

export type AuditEventType = AuditEvent['type'];

/** Where events go. */
export interface AuditLog {
  /** MUST be part of the transaction that is open, if one is: no change without its event, no event without its change. */
  append(event: AuditEvent, by: Actor): Promise<void>;
}
