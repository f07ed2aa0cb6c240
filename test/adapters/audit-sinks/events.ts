import type { ShippedEvent } from '../../../server/audit/shipping/sink.ts';

/** An event that has its place in the chain. */
export const anEvent = (changes: Partial<ShippedEvent> = {}): ShippedEvent => ({
  id: '7',
  sequence: 5,
  at: '2026-11-24T22:56:59.123Z',
  type: 'client.updated',
  severity: 'notice',
  actor: { kind: 'client', id: 'console', client_id: 'console', on_behalf_of: null },
  sub: null,
  client_id: 'shop',
  session_id: null,
  ip: '192.0.2.7',
  user_agent: 'curl/8',
  request_id: 'r1',
  details: { change: { before: { client_name: 'Ladén' }, after: { client_name: '商店 🛍' } } },
  ...changes,
});

export const inTime = () => AbortSignal.timeout(10_000);
