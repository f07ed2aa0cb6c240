import type { BrowserSession } from '../../../server/sessions/session-store.ts';
import { type Clients, signedInTo } from '../artifacts/signed-out.ts';

/** A session, as the engine keeps it (s) and with what it does not keep (d). */
export interface SessionRow {
  id: string;
  uid_hash: Buffer;
  login_ts: number | null;
  amr: string[] | null;
  acr: string | null;
  clients: Clients | null;
  expires_at: Date;
  ip: string | null;
  user_agent: string | null;
  first_seen_at: Date | null;
  last_seen_at: Date | null;
}

/** 128 bits of a hash of the stored hash: stable, and nothing that could be presented follows from it. */
export const publicId = (table: string): string => `left(encode(sha256(${table}.uid_hash), 'hex'), 32)`;

export const sessionColumns = `${publicId('s')} as id, s.uid_hash, (s.payload->>'loginTs')::float8 as login_ts, s.payload->'amr' as amr,
           s.payload->>'acr' as acr, s.payload->'authorizations' as clients, s.expires_at,
           d.ip, d.user_agent, d.first_seen_at, d.last_seen_at`;

export function toSession(row: SessionRow, present: Buffer | undefined): BrowserSession {
  return {
    id: row.id,
    isCurrent: present?.equals(row.uid_hash) === true,
    ip: row.ip,
    userAgent: row.user_agent,
    firstSeenAt: row.first_seen_at,
    lastSeenAt: row.last_seen_at,
    signedInAt: row.login_ts === null ? null : new Date(row.login_ts * 1000),
    amr: row.amr ?? [],
    acr: row.acr,
    expiresAt: row.expires_at,
    clientIds: signedInTo(row.clients).map(([clientId]) => clientId),
  };
}
