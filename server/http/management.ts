import { createServer, type Server } from 'node:http';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** Everything that is measured, declared once. Labels are bounded and name no person. */
export function makeMetrics() {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  return {
    registry,
    requests: new Histogram({
      name: 'gatehouse_http_request_duration_seconds',
      help: 'Time from the arrival of a request to the end of its answer.',
      labelNames: ['route', 'method', 'status'] as const,
      buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
      registers,
    }),
    protocol: new Counter({
      name: 'gatehouse_protocol_answers_total',
      help: 'Answers of the protocol endpoints by outcome: ok or the OAuth error.',
      labelNames: ['endpoint', 'outcome'] as const,
      registers,
    }),
    swept: new Counter({
      name: 'gatehouse_janitor_removed_total',
      help: 'Rows that the janitor has removed or emptied, by chore.',
      labelNames: ['chore'] as const,
      registers,
    }),
    deliveries: new Counter({
      name: 'gatehouse_outbox_deliveries_total',
      help: 'Attempts to deliver what is in the outbox: delivered, failed (tried again), dead (an operator must look), expired.',
      labelNames: ['outcome'] as const,
      registers,
    }),
    /** What has to be asked for; the same for all workers. A failure leaves the value as it was. */
    asked(name: string, help: string, read: () => Promise<number>): void {
      new Gauge({
        name,
        help,
        registers,
        aggregator: 'max',
        async collect() {
          const value = await read().catch(() => undefined);
          if (value !== undefined) this.set(value);
        },
      });
    },
    /** What is counted elsewhere, and only ever grows. */
    total(name: string, help: string, read: () => number): void {
      new Counter({
        name,
        help,
        registers,
        collect() {
          this.reset();
          this.inc(read());
        },
      });
    },
    gauge(name: string, help: string, read: () => number): void {
      new Gauge({
        name,
        help,
        registers,
        collect() {
          this.set(read());
        },
      });
    },
  };
}

export type Metrics = ReturnType<typeof makeMetrics>;

export interface ManagementDeps {
  /** What `/metrics` answers: the registry of this process, or that of all workers. */
  metrics: { contentType: string; metrics(): Promise<string> };
  /** Whether the process should get traffic: `ready`, or in one word why not. */
  readiness(): Promise<string>;
}

/** The management port: `/healthz` (alive), `/readyz` (may take traffic), `/metrics` (Prometheus). */
export function makeManagementServer({ metrics, readiness }: ManagementDeps): Server {
  return createServer((req, res) => {
    const answer = (status: number, type: string, body: string): void => {
      res
        .writeHead(status, { 'content-type': type, 'cache-control': 'no-store' })
        .end(req.method === 'HEAD' ? '' : body);
    };
    const respond = async (): Promise<void> => {
      if (req.method !== 'GET' && req.method !== 'HEAD')
        return answer(405, 'text/plain', 'method not allowed\n');
      switch (req.url?.split('?')[0]) {
        case '/healthz':
          return answer(200, 'text/plain', 'alive\n');
        case '/readyz': {
          const word = await readiness();
          return answer(word === 'ready' ? 200 : 503, 'text/plain', `${word}\n`);
        }
        case '/metrics':
          return answer(200, metrics.contentType, await metrics.metrics());
        default:
          return answer(404, 'text/plain', 'not found\n');
      }
    };
    respond().catch(() => answer(500, 'text/plain', 'failed\n'));
  });
}
