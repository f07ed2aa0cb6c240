import type { Severity } from './catalogue/fields.ts';

/** An event as the log has kept it. */
export interface AuditRecord {
  /** Names it; nothing follows from its order. */
  id: string;
  /** Its place in the chain, from 1; null for the second or so until it has one. */
  sequence: number | null;
  /** By the clock of the process. */
  at: Date;
  type: string;
  actor: {
    kind: string;
    id: string | null;
    clientId: string | null;
    onBehalfOf: string | null;
  };
  accountId: string | null;
  clientId: string | null;
  sessionId: string | null;
  ip: string | null;
  userAgent: string | null;
  requestId: string | null;
  data: Readonly<Record<string, unknown>>;
}

/** One that has its place. */
export type ChainedRecord = AuditRecord & { sequence: number };

/** An event as it is told outside: by the API, in exports and to sinks. */
export interface ShownEvent {
  id: string;
  sequence: number | null;
  at: string;
  type: string;
  severity: Severity;
  actor: { kind: string; id: string | null; client_id: string | null; on_behalf_of: string | null };
  sub: string | null;
  client_id: string | null;
  session_id: string | null;
  ip: string | null;
  user_agent: string | null;
  request_id: string | null;
  details: Record<string, unknown>;
}
