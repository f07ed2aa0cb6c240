import { randomBytes } from 'node:crypto';
import { storable, storableText } from '../../../server/audit/chain/canonical.ts';
import type { AuditKeys } from '../../../server/audit/chain/keys.ts';
import { type EventColumns, type Seal, sealEvent } from '../../../server/audit/chain/sealed-event.ts';
import type { Actor, AuditEvent, AuditLog } from '../../../server/audit/event.ts';
import type { Clock } from '../../../server/clock.ts';
import type { Database } from '../connection/database.ts';
import { runSql } from '../connection/run-sql.ts';

/** Longer ones are cut: the stranger who sends it must not decide how much a failed sign-in stores. */
const longestUserAgent = 512;

/** Only appends; nothing here changes or removes what was written. */
export function makeAuditLog(database: Database, clock: Clock, keys: AuditKeys): AuditLog {
  return {
    async append(event, by) {
      const now = clock.now();
      const {
        row,
        seal: { salt, personalHash, keyId, seal },
      } = toSealedRow(keys, event, by, now);
      await runSql(database, insertStatement, [
        now,
        row.type,
        row.actor_kind,
        row.actor_id,
        row.actor_client_id,
        row.client_id,
        row.account_id,
        row.ip,
        row.user_agent,
        row.request_id,
        row.session_id,
        row.on_behalf_of,
        JSON.stringify(row.data),
        salt,
        personalHash,
        keyId,
        seal,
      ]);
    },
  };
}

/** The event, and that it waits for its place in the chain. */
const insertStatement = `
  with event as (
    insert into audit_event (occurred_at, type, actor_kind, actor_id, actor_client_id, client_id, account_id, ip, user_agent,
      request_id, session_id, on_behalf_of, data, salt, personal_hash, seal_key, seal)
    values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) returning id, recorded_at
  )
  insert into audit_queue (event_id, recorded_at) select id, recorded_at from event`;

export interface SealedRow {
  row: EventColumns;
  seal: Seal;
}

/** The row of an event with its seal. */
export function toSealedRow(keys: AuditKeys, event: AuditEvent, by: Actor, now: Date): SealedRow {
  const row = toRow(event, by, now);
  return { row, seal: sealEvent(keys, row, randomBytes(16)) };
}

/** As the database will give it back. */
function toRow(event: AuditEvent, by: Actor, now: Date): EventColumns {
  const { type, ...rest } = event;
  const { accountId, clientId, ...data }: Record<string, unknown> = rest;
  return {
    occurred_at: `${now.getTime()}000`,
    type,
    actor_kind: by.kind,
    actor_id: textOf(by.id),
    actor_client_id: textOf(by.clientId),
    client_id: textOf(clientId),
    account_id: textOf(accountId),
    ip: textOf(by.ip),
    user_agent: textOf(by.userAgent?.slice(0, longestUserAgent)),
    request_id: textOf(by.requestId),
    session_id: textOf(by.sessionId),
    on_behalf_of: textOf(by.onBehalfOf),
    data: Object.fromEntries(Object.entries(storable(data) ?? {})),
  };
}

const textOf = (value: unknown): string | null => (typeof value === 'string' ? storableText(value) : null);
