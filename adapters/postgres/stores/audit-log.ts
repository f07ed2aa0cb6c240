import type { AuditLog } from '../../../server/audit/event.ts';
import type { Clock } from '../../../server/clock.ts';
import type { Database } from '../connection/database.ts';

/** Longer ones are cut: the stranger who sends it must not decide how much a failed sign-in stores. */
const longestUserAgent = 512;

/** Only appends; nothing here changes or removes what was written. */
export function makeAuditLog(database: Database, clock: Clock): AuditLog {
  return {
    async append(event, by) {
      const { type, ...rest } = event;
      const { accountId = null, clientId = null, ...data }: Record<string, unknown> = rest;
      await database
        .current()('audit_event')
        .insert({
          occurred_at: clock.now(),
          type,
          actor_kind: by.kind,
          actor_id: by.id ?? null,
          actor_client_id: by.clientId ?? null,
          account_id: accountId,
          client_id: clientId,
          ip: by.ip ?? null,
          user_agent: by.userAgent?.slice(0, longestUserAgent) ?? null,
          request_id: by.requestId ?? null,
          session_id: by.sessionId ?? null,
          on_behalf_of: by.onBehalfOf ?? null,
          data: JSON.stringify(data),
        });
    },
  };
}
