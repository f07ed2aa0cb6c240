import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { freePort } from './free-port.ts';

export interface ReceivedEvent {
  sequence: number;
  type: string;
  [field: string]: unknown;
}

export interface WebhookReceiver {
  url: string;
  port: number;
  requests: readonly { headers: IncomingMessage['headers']; events: ReceivedEvent[] }[];
  /** Of all requests, in the order in which they came. */
  events(): ReceivedEvent[];
  close(): Promise<void>;
}

export interface WebhookOptions {
  port?: number;
  secret: string;
  /** Deals with a request in its own way when it answers true. */
  misbehave?: (req: IncomingMessage, res: ServerResponse) => boolean;
}

/** Takes what is posted and is signed as it must be; answers 401 otherwise. */
export async function startWebhookReceiver(options: WebhookOptions): Promise<WebhookReceiver> {
  const port = options.port ?? (await freePort());
  const requests: { headers: IncomingMessage['headers']; events: ReceivedEvent[] }[] = [];
  const take = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    if (options.misbehave?.(req, res) === true) return;
    const body = await text(req);
    const timestamp = String(req.headers['gatehouse-timestamp']);
    const expected = createHmac('sha256', options.secret).update(`${timestamp}.${body}`).digest('hex');
    if (req.headers['gatehouse-signature'] !== `v1=${expected}`) {
      res.writeHead(401).end();
      return;
    }
    const { events } = JSON.parse(body) as { events: ReceivedEvent[] };
    requests.push({ headers: req.headers, events });
    res.writeHead(204).end();
  };
  const server = createServer((req, res) => void take(req, res).catch(() => res.destroy()));
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${port}/events`,
    port,
    requests,
    events: () => requests.flatMap(({ events }) => events),
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
