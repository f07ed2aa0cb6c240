import { descriptions } from './catalogue/catalogue.ts';
import type { Severity } from './catalogue/fields.ts';
import type { AuditRecord, ShownEvent } from './record.ts';

/** An event in the words of the API, in which exports and sinks have it too. */
export function showEvent(record: AuditRecord): ShownEvent {
  const { actor, data } = record;
  return {
    id: record.id,
    sequence: record.sequence,
    at: record.at.toISOString(),
    type: record.type,
    severity: severityOf(record.type),
    actor: { kind: actor.kind, id: actor.id, client_id: actor.clientId, on_behalf_of: actor.onBehalfOf },
    sub: record.accountId,
    client_id: record.clientId,
    session_id: record.sessionId,
    ip: record.ip,
    user_agent: record.userAgent,
    request_id: record.requestId,
    details: Object.fromEntries(Object.entries(data).map(([name, value]) => [snakeCase(name), value])),
  };
}

/** Of a type that this program does not know, since another version has written it, somebody should look at it. */
export const severityOf = (type: string): Severity => descriptions.get(type)?.severity ?? 'notice';

/** Fields have camelCase here and snake_case outside. */
export const snakeCase = (name: string): string =>
  name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
