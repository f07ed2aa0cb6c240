import { createHmac } from 'node:crypto';
import type { AuditSink } from '../../server/audit/shipping/sink.ts';
import type { Clock } from '../../server/clock.ts';

export interface WebhookOptions {
  url: string;
  /** Shared with the receiver, which checks by it that a request is ours. */
  secret: string;
  clock: Clock;
  /** MUST keep from addresses that this server may not go to, and MUST NOT follow redirects. */
  post(
    url: string,
    request: { headers: Record<string, string>; body: string; signal: AbortSignal },
  ): Promise<{ status: number }>;
}

const mostAtOnce = 100;

/**
 * The log as signed requests: `{"events": [...]}`, oldest first. The signature covers the time too, so that a request which was
 * recorded is of no use later, and the first and last sequence number tell a receiver what it has already.
 */
export function makeWebhookSink({ url, secret, clock, post }: WebhookOptions): AuditSink {
  const { origin } = new URL(url);
  return {
    name: 'webhook',
    // Some receivers know by the path alone who may send.
    address: origin,
    most: mostAtOnce,
    async send(events, signal) {
      const body = JSON.stringify({ events });
      const timestamp = String(Math.floor(clock.now().getTime() / 1000));
      const signature = createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex');
      const { status } = await post(url, {
        headers: {
          'content-type': 'application/json',
          'user-agent': 'Gatehouse',
          'gatehouse-timestamp': timestamp,
          'gatehouse-signature': `v1=${signature}`,
          'gatehouse-sequence': `${events[0]?.sequence}-${events.at(-1)?.sequence}`,
        },
        body,
        signal,
      });
      if (status < 200 || status > 299) throw new Error(`the receiver answered ${status}`);
    },
  };
}
