import type { AuditRecord } from '../../../server/audit/record.ts';

/** A row of audit_event as it is read. */
export interface RecordRow {
  id: string;
  seq: string | null;
  occurred_at: Date;
  type: string;
  actor_kind: string;
  actor_id: string | null;
  actor_client_id: string | null;
  on_behalf_of: string | null;
  account_id: string | null;
  client_id: string | null;
  session_id: string | null;
  ip: string | null;
  user_agent: string | null;
  request_id: string | null;
  data: Record<string, unknown>;
}

/** Its columns, of a table that is called `e`; the place in the chain comes from elsewhere. */
export const recordColumns = `e.id, e.occurred_at, e.type, e.actor_kind, e.actor_id, e.actor_client_id, e.on_behalf_of, e.account_id,
  e.client_id, e.session_id, e.ip, e.user_agent, e.request_id, e.data`;

export const toRecord = (row: RecordRow): AuditRecord => ({
  id: row.id,
  sequence: row.seq === null ? null : Number(row.seq),
  at: row.occurred_at,
  type: row.type,
  actor: {
    kind: row.actor_kind,
    id: row.actor_id,
    clientId: row.actor_client_id,
    onBehalfOf: row.on_behalf_of,
  },
  accountId: row.account_id,
  clientId: row.client_id,
  sessionId: row.session_id,
  ip: row.ip,
  userAgent: row.user_agent,
  requestId: row.request_id,
  data: row.data,
});
