import { z } from 'zod';
import { type AuditSink, type SinkState, type SinkStates, sinkNames } from '../audit/shipping/sink.ts';
import { defineRoute, noBody, noParameters, type Route } from '../http/api/route.ts';

export interface AuditSinkRouteDeps {
  auditSinks: readonly Pick<AuditSink, 'name' | 'address'>[];
  sinkStates: Pick<SinkStates, 'all' | 'end'>;
}

const moment = z.int().nullable().meta({ description: 'Seconds since 1970.' });

const sinkView = z
  .strictObject({
    name: z.enum(sinkNames),
    address: z
      .string()
      .nullable()
      .meta({ description: 'Where it is; null for one that is no longer set up, which gets nothing.' }),
    position: z.int().meta({ description: 'The sequence number of the last event that it has.' }),
    since: z.int().meta({ description: 'It gets what came after this one: where the log ended at first.' }),
    waiting: z.int().meta({ description: 'Events that it does not have yet.' }),
    shipped_at: moment,
    failures: z.int().meta({ description: 'In a row, up to now.' }),
    failed_at: moment,
    last_error: z.string().nullable(),
  })
  .meta({ id: 'AuditSink' });

/** `audit-events/sinks` of the admin API: who gets the log, and how far they have come. */
export function makeAuditSinkRoutes({ auditSinks, sinkStates }: AuditSinkRouteDeps): Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/audit-events/sinks',
      operationId: 'listAuditSinks',
      scope: 'audit:read',
      summary: 'Those who get the audit log (syslog, webhook), and how far they have come',
      params: noParameters,
      query: noParameters,
      body: noBody,
      success: {
        status: 200,
        description: 'The sinks',
        schema: z.strictObject({ items: z.array(sinkView), next: z.null() }),
      },
      errors: [],
      async handle() {
        const [states, end] = [await sinkStates.all(), await sinkStates.end()];
        const items = states.map((state) => showSink(state, addressOf(auditSinks, state), end));
        return { status: 200, body: { items, next: null } };
      },
    }),
  ];
}

const addressOf = (sinks: AuditSinkRouteDeps['auditSinks'], { name }: SinkState): string | null =>
  sinks.find((sink) => sink.name === name)?.address ?? null;

const seconds = (time: Date | null): number | null =>
  time === null ? null : Math.floor(time.getTime() / 1000);

const showSink = (state: SinkState, address: string | null, end: number): z.output<typeof sinkView> => ({
  name: state.name,
  address,
  position: state.position,
  since: state.since,
  waiting: Math.max(0, end - state.position),
  shipped_at: seconds(state.shippedAt),
  failures: state.failures,
  failed_at: seconds(state.failedAt),
  last_error: state.lastError,
});
