import { isIP } from 'node:net';
import { z } from 'zod';
import type { Addresses } from '../audit/addresses.ts';
import type { AuditFilter, AuditReader } from '../audit/audit-reader.ts';
import type { ExportEventsUse } from '../audit/export-events.ts';
import { readTypes } from '../audit/filter-words.ts';
import { showEvent } from '../audit/show-event.ts';
import { AppError } from '../errors.ts';
import type { Cursors } from '../http/api/cursor.ts';
import { momentQuery, pageOf, pageQuery, readPage } from '../http/api/list-query.ts';
import { defineRoute, noBody, noParameters, type Route } from '../http/api/route.ts';
import { auditEventView } from './audit-event-view.ts';
import { type AuditSinkRouteDeps, makeAuditSinkRoutes } from './audit-sink-routes.ts';

export interface AuditEventRouteDeps extends AuditSinkRouteDeps {
  auditReader: Pick<AuditReader, 'find' | 'page'>;
  exportEvents: ExportEventsUse;
  auditAddresses: Pick<Addresses, 'forms'>;
  cursors: Cursors;
}

const sub = z.string().regex(/^[A-Za-z0-9._~-]{1,128}$/);
const name = z.string().regex(/^[\x21-\x7e]{1,255}$/);
/** Seconds since 1970, as everywhere here, or as events have it. */
const moment = z.union([momentQuery, z.iso.datetime({ offset: true }).transform((text) => new Date(text))]);

const filters = {
  person: sub.optional().meta({ description: 'What is about this `sub`, or was done by it.' }),
  client: name
    .optional()
    .meta({ description: 'What is about this `client_id`, or was done by it in its own name.' }),
  actor: z
    .string()
    .regex(/^[^\p{Cc}\p{Cs}]{1,255}$/u)
    .optional()
    .meta({ description: 'What was done by this `sub`, `client_id` or operator.' }),
  type: z
    .string()
    .optional()
    .transform((text, context) => {
      if (text === undefined) return undefined;
      const read = readTypes(text);
      if (read.kind === 'read') return read.types;
      context.addIssue({ code: 'custom', message: 'There is a type here that does not exist.' });
      return z.NEVER;
    })
    .meta({ description: 'One type or several, between commas; `user.*` is all whose names begin so.' }),
  request_id: name.optional(),
  ip: z
    .string()
    .refine((text) => isIP(text) !== 0, 'Give an IPv4 or IPv6 address.')
    .optional()
    .meta({ description: 'An address, also where only its network or a code of it was kept.' }),
  from: moment.meta({
    description: 'Recorded then or later: seconds since 1970, or a date-time (RFC 3339).',
  }),
  to: moment.meta({ description: 'Recorded before.' }),
};

const listQuery = z.strictObject({
  ...pageQuery,
  ...filters,
  sort: z
    .enum(['at', '-at'])
    .default('-at')
    .meta({ description: '`-at`: newest first. `at`: oldest first.' }),
});
const exportQuery = z.strictObject({
  ...filters,
  after_sequence: z
    .string()
    .regex(/^\d{1,15}$/)
    .default('0')
    .meta({ description: 'The last sequence number that you have.' }),
});

type Filters = z.output<z.ZodObject<typeof filters>>;

/** `audit-events` of the admin API. */
export function makeAuditEventRoutes(deps: AuditEventRouteDeps): Route[] {
  return [listEvents(deps), exportEvents(deps), ...makeAuditSinkRoutes(deps), readEvent(deps)];
}

const listEvents = (deps: AuditEventRouteDeps) =>
  defineRoute({
    method: 'GET',
    path: '/audit-events',
    operationId: 'listAuditEvents',
    scope: 'audit:read',
    summary:
      'What has happened. A page may have fewer items than it could, or none, although there is a next one',
    params: noParameters,
    query: listQuery,
    body: noBody,
    success: { status: 200, description: 'A page of events', schema: pageOf(auditEventView) },
    errors: ['invalid_cursor'],
    async handle({ query: { after, limit, sort, ...asked } }) {
      const order = sort === 'at' ? 'oldest' : 'newest';
      const query = { ...toFilter(deps, asked), order, limit } as const;
      const page = (place: string | undefined) => deps.auditReader.page({ ...query, after: place });
      return {
        status: 200,
        body: await readPage(deps.cursors, 'audit', after, page, showEvent, { sort, ...asked }),
      };
    },
  });

const readEvent = ({ auditReader }: AuditEventRouteDeps) =>
  defineRoute({
    method: 'GET',
    path: '/audit-events/{id}',
    operationId: 'readAuditEvent',
    scope: 'audit:read',
    summary: 'One event',
    params: z.strictObject({ id: z.string().regex(/^[1-9]\d{0,17}$/) }),
    missing: 'event_not_found',
    query: noParameters,
    body: noBody,
    success: { status: 200, description: 'The event', schema: auditEventView },
    errors: ['event_not_found'],
    async handle({ params }) {
      const found = await auditReader.find(params.id);
      if (found === undefined) throw new AppError('event_not_found');
      return { status: 200, body: showEvent(found) };
    },
  });

const exportEvents = (deps: AuditEventRouteDeps) =>
  defineRoute({
    method: 'GET',
    path: '/audit-events/export',
    operationId: 'exportAuditEvents',
    scope: 'audit:read',
    summary:
      'Events as JSON lines, in the order of the chain; those without a place in it come with the next export',
    params: noParameters,
    query: exportQuery,
    body: noBody,
    success: {
      status: 200,
      description: 'One event in each line (application/x-ndjson)',
      schema: auditEventView,
    },
    errors: [],
    async handle({ query: { after_sequence: after, ...asked }, by }) {
      const chunks = await deps.exportEvents({
        filter: toFilter(deps, asked),
        after: Number(after),
        asked: wordsOf(asked),
        by,
      });
      return {
        status: 200,
        stream: { type: 'application/x-ndjson', fileName: 'audit-events.ndjson', chunks },
      };
    },
  });

function toFilter({ auditAddresses }: AuditEventRouteDeps, asked: Filters): AuditFilter {
  const { request_id: requestId, ip, type: types, ...same } = asked;
  return { ...same, requestId, types, ips: ip === undefined ? undefined : auditAddresses.forms(ip) };
}

/** What an event says of what was asked for. */
function wordsOf({ ip: _address, type, from, to, ...names }: Filters): Record<string, string> {
  const words = { ...names, type: type?.join(','), from: from?.toISOString(), to: to?.toISOString() };
  return Object.fromEntries(
    Object.entries(words).flatMap(([word, value]) => (value === undefined ? [] : [[word, value]])),
  );
}
